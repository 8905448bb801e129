#pragma once
// What the answer to an attempt means (docs/spec/webhooks.md). No clock, no socket. What follows
// for the delivery and its endpoint is decided by api/core/delivery_rules.h.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/client/http_client.h"
#include "api/core/delivery_rules.h"
#include "api/core/webhook.h"
#include "api/store/merchant_store.h"
#include "base/expected.h"
#include "base/time.h"

namespace peerpay::api {

enum class AttemptResult : std::uint8_t {
  kDelivered,  // 2xx
  kRefused,    // any other status
  kGone,       // 410
  kForbiddenAddress,
  kUnresolved,
  kUnreachable,
  kTls,
  kTimeout,
  kMalformed,
};
inline constexpr std::size_t kAttemptResults = 9;
[[nodiscard]] std::string_view name(AttemptResult result);  // the label of metrics

struct Judgement {
  AttemptResult result = AttemptResult::kDelivered;
  base::Duration retry_after;  // what the endpoint asked for, up to kRetryAfterMax
};
[[nodiscard]] Judgement judge(const base::Expected<http::ClientAnswer, http::ClientError>& answer,
                              base::UnixMillis now);

// The value of Retry-After: seconds, or a date as RFC 9110 has senders write it (IMF-fixdate).
// Between 0 and kRetryAfterMax; nothing when it is neither.
[[nodiscard]] std::optional<base::Duration> parse_retry_after(std::string_view value,
                                                              base::UnixMillis now);

// Why an endpoint's URL is refused, one sentence: asked when the endpoint is made, and again before
// each attempt. An address in the host's place is judged here, those of a name when it is looked
// up. Under Reach::kPublic: https to port 443 or 8443. Under kPublicAndLoopback also any port, and
// http to "localhost" or a loopback address.
[[nodiscard]] std::optional<std::string> refusal_of_url(const http::Url& url, http::Reach reach);

struct FinishedAttempt {
  Delivery delivery;  // as it was before
  Attempt attempt;
};
// `random`: any 64 bits, for the jitter.
[[nodiscard]] FinishedAttempt finish(const Delivery& delivery, const Judgement& judgement,
                                     base::UnixMillis now, std::uint64_t random);
// One step of the store for many attempts, in the order in which they finished. `endpoints`: as
// they are now; attempts of one that is not there any more leave no trace.
[[nodiscard]] Changes changes_of(const std::vector<FinishedAttempt>& finished,
                                 std::vector<WebhookEndpoint> endpoints);

}  // namespace peerpay::api
