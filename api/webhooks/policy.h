#pragma once
// What an attempt to deliver an event means for the delivery and its endpoint. No clock, no socket:
// the rules W-H10 ff. of docs/spec/webhooks.md.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/client/http_client.h"
#include "api/core/webhook.h"
#include "api/store/merchant_store.h"
#include "base/expected.h"
#include "base/time.h"

namespace peerpay::api {

inline constexpr base::Duration kRetryAfterMax = base::seconds(24LL * 3600);
// An endpoint that has failed for longer is disabled at its next failure.
inline constexpr base::Duration kFailingMax = base::seconds(3 * 24LL * 3600);

enum class AttemptOutcome : std::uint8_t {
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
inline constexpr std::size_t kAttemptOutcomes = 9;
[[nodiscard]] std::string_view name(AttemptOutcome outcome);  // the label of metrics

struct AttemptResult {
  AttemptOutcome outcome = AttemptOutcome::kDelivered;
  std::optional<base::Duration> retry_after;  // asked for by the endpoint; at most kRetryAfterMax
};
[[nodiscard]] AttemptResult judge(
    const base::Expected<http::ClientAnswer, http::ClientError>& answer, base::UnixMillis now);

// The value of Retry-After: seconds, or a date as RFC 9110 has senders write it (IMF-fixdate).
// Between 0 and kRetryAfterMax; nothing when it is neither.
[[nodiscard]] std::optional<base::Duration> parse_retry_after(std::string_view value,
                                                              base::UnixMillis now);

// The delivery as it goes on, or nothing: it has ended, delivered or given up. `random`: any 64
// bits; adds up to a fifth of the delay.
[[nodiscard]] std::optional<Delivery> after_attempt(const Delivery& delivery,
                                                    const AttemptResult& result,
                                                    base::UnixMillis now, std::uint64_t random);

// Remembers since when the endpoint fails; disables it when it is gone or has failed too long.
void note_outcome(WebhookEndpoint& endpoint, AttemptOutcome outcome, base::UnixMillis now);

// Why an endpoint's URL is refused, one sentence: asked when the endpoint is made, and again before
// each attempt. Under Reach::kPublic: https to port 443 or 8443. Under kPublicAndLoopback also any
// port, and http to "localhost" or a loopback address.
[[nodiscard]] std::optional<std::string> refusal_of_url(const http::Url& url, http::Reach reach);

struct FinishedAttempt {
  Delivery before;
  std::optional<Delivery> after;  // of after_attempt
  AttemptOutcome outcome = AttemptOutcome::kDelivered;
  base::UnixMillis at;
};
// One step of the store for many attempts, in the order in which they finished. `endpoints`: as
// they are now; attempts of one that is not there any more leave no trace.
[[nodiscard]] Changes changes_of(const std::vector<FinishedAttempt>& finished,
                                 std::vector<WebhookEndpoint> endpoints);

}  // namespace peerpay::api
