#pragma once
// Webhook endpoints and deliveries: Standard Webhooks 1.0.0 (github.com/standard-webhooks).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/event.h"
#include "api/core/ids.h"
#include "base/bytes.h"
#include "base/time.h"

namespace peerpay::api {

inline constexpr std::size_t kEndpointsMax = 64;
inline constexpr std::size_t kWebhookSecretBytes = 32;

enum class EndpointStatus : std::uint8_t { kEnabled = 0, kDisabled = 1 };
inline constexpr std::size_t kEndpointStatuses = 2;

struct WebhookEndpoint {
  EndpointId id;
  EndpointStatus status = EndpointStatus::kEnabled;
  std::string status_reason;  // why it is disabled: "gone" (410), "failing"; else empty
  std::string url;
  std::string description;
  std::vector<EventType> types;  // empty: all
  base::Bytes secret;            // 32 random bytes; "whsec_" + base64 is shown once
  base::UnixMillis created_at;
  std::optional<base::UnixMillis> failing_since;  // first failure with no success after it
  friend bool operator==(const WebhookEndpoint&, const WebhookEndpoint&) = default;
};

// An event on its way to an endpoint; the row goes when it has ended.
struct Delivery {
  EndpointId endpoint;
  EventCursor event;
  std::uint32_t attempts = 0;  // failed ones
  base::UnixMillis due;        // of the next attempt
  friend bool operator==(const Delivery&, const Delivery&) = default;
};

// Delay before attempt `failed` + 1, without jitter: 0 s, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h,
// 20 h, 24 h. Nothing after the tenth attempt.
[[nodiscard]] std::optional<base::Duration> retry_delay(std::uint32_t failed);

// "whsec_…".
[[nodiscard]] std::string format_webhook_secret(base::ByteView secret);
// "v1,BASE64" over "id.timestamp.payload" by HMAC-SHA256.
[[nodiscard]] std::string sign_webhook(base::ByteView secret, std::string_view id,
                                       std::uint64_t timestamp_s, std::string_view payload);

}  // namespace peerpay::api
