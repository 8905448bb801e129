#pragma once
// What an attempt to deliver a webhook does to the delivery and to its endpoint
// (docs/spec/merchant.md, M30 ff.).

#include <cstdint>
#include <optional>

#include "api/core/webhook.h"
#include "base/time.h"

namespace peerpay::api {

inline constexpr base::Duration kFailingMax = base::seconds(3 * 86'400);
inline constexpr base::Duration kRetryAfterMax = base::seconds(86'400);
inline constexpr std::uint32_t kJitterPermilleMax = 200;

enum class AttemptEnd : std::uint8_t {
  kAccepted,  // 2xx
  kFailed,    // any other answer, or none
  kGone,      // 410: never again
};

struct Attempt {
  AttemptEnd end = AttemptEnd::kFailed;
  base::UnixMillis at{};
  // Of the next delay, 0 to kJitterPermilleMax, drawn by the caller: endpoints that failed together
  // shall not be asked again together.
  std::uint32_t jitter_permille = 0;
  base::Duration retry_after{};  // what the answer asked for; counts up to kRetryAfterMax
};

struct AttemptOutcome {
  std::optional<Delivery> next;             // nothing: the delivery has ended
  std::optional<WebhookEndpoint> endpoint;  // when it changed
};
[[nodiscard]] AttemptOutcome settle(const Delivery& delivery, const WebhookEndpoint& endpoint,
                                    const Attempt& attempt);

}  // namespace peerpay::api
