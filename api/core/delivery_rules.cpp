#include "api/core/delivery_rules.h"

#include <algorithm>

namespace peerpay::api {
namespace {

base::UnixMillis after(base::UnixMillis time, base::Duration delay) {
  return {time.value + static_cast<std::uint64_t>(std::max<std::int64_t>(delay.milliseconds(), 0))};
}

base::Duration delay_of(base::Duration planned, const Attempt& attempt) {
  const auto jitter = std::min(attempt.jitter_permille, kJitterPermilleMax);
  const base::Duration drawn{planned.microseconds / 1000 * (1000 + std::int64_t{jitter})};
  return std::max(drawn, std::min(attempt.retry_after, kRetryAfterMax));
}

AttemptOutcome disabled(WebhookEndpoint endpoint, const char* reason) {
  endpoint.status = EndpointStatus::kDisabled;
  endpoint.status_reason = reason;
  return {.next = {}, .endpoint = std::move(endpoint)};
}

AttemptOutcome failed(Delivery delivery, const WebhookEndpoint& endpoint, const Attempt& attempt) {
  AttemptOutcome outcome;
  if (!endpoint.failing_since) {
    outcome.endpoint = endpoint;
    outcome.endpoint->failing_since = attempt.at;
  } else if (attempt.at >= after(*endpoint.failing_since, kFailingMax)) {
    return disabled(endpoint, "failing");
  }
  const auto planned = retry_delay(++delivery.attempts);
  if (!planned) return outcome;
  delivery.due = after(attempt.at, delay_of(*planned, attempt));
  outcome.next = delivery;
  return outcome;
}

}  // namespace

AttemptOutcome settle(const Delivery& delivery, const WebhookEndpoint& endpoint,
                      const Attempt& attempt) {
  if (endpoint.status == EndpointStatus::kDisabled) return {};
  switch (attempt.end) {
    case AttemptEnd::kFailed: return failed(delivery, endpoint, attempt);
    case AttemptEnd::kGone: return disabled(endpoint, "gone");
    case AttemptEnd::kAccepted: break;
  }
  if (!endpoint.failing_since) return {};
  AttemptOutcome recovered{.next = {}, .endpoint = endpoint};
  recovered.endpoint->failing_since.reset();
  return recovered;
}

}  // namespace peerpay::api
