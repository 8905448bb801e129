#include "api/core/webhook.h"

#include <iterator>

#include "base/base64.h"
#include "crypto/symmetric.h"

namespace peerpay::api {
namespace {

constexpr base::Duration minutes(std::int64_t count) { return base::seconds(60) * count; }
constexpr base::Duration hours(std::int64_t count) { return minutes(60) * count; }

// Standard Webhooks 1.0.0, "Deliverability and reliability".
constexpr base::Duration kDelays[] = {base::seconds(0), base::seconds(5), minutes(5), minutes(30),
                                      hours(2),         hours(5),         hours(10),  hours(14),
                                      hours(20),        hours(24)};

std::string padded_base64(base::ByteView bytes) {
  return base::base64_encode(bytes, base::Base64Padding::kRequired);
}

}  // namespace

std::optional<base::Duration> retry_delay(std::uint32_t failed) {
  if (failed >= std::size(kDelays)) return std::nullopt;
  return kDelays[failed];
}

std::string format_webhook_secret(base::ByteView secret) {
  return "whsec_" + padded_base64(secret);
}

std::string sign_webhook(base::ByteView secret, std::string_view id, std::uint64_t timestamp_s,
                         std::string_view payload) {
  std::string content{id};
  content += "." + std::to_string(timestamp_s) + ".";
  content += payload;
  return "v1," + padded_base64(crypto::hmac_sha256(secret, base::as_bytes(content)));
}

}  // namespace peerpay::api
