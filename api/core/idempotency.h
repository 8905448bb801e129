#pragma once
// Idempotency-Key: the same request is done once, however often it comes
// (docs/spec/http.md, rules H20 ff.; draft-ietf-httpapi-idempotency-key-header).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/core/ids.h"
#include "base/bytes.h"
#include "base/json/json.h"
#include "base/time.h"
#include "crypto/hash.h"

namespace peerpay::api {

inline constexpr std::size_t kIdempotencyKeyBytesMax = 255;

// Hash of identity (API key), method, path and the header's value: keys of different callers and
// paths never meet.
using IdempotencyKey = base::FixedBytes<struct IdempotencyKeyTag, 32>;

// The header's value, bare or as a quoted structured-field string: 1 to 255 printable ASCII
// characters. Nothing when it is something else.
[[nodiscard]] std::optional<std::string> parse_idempotency_key(std::string_view header);
[[nodiscard]] IdempotencyKey idempotency_key(const ApiKeyId& caller, std::string_view method,
                                             std::string_view path, std::string_view key);
// Of what a body means: equal for bodies that differ in the order of members and in spaces alone.
[[nodiscard]] crypto::Hash request_hash(const json::Json& body);

// What was answered, to be answered again. 5xx answers are not kept.
struct IdempotencyRecord {
  IdempotencyKey key;
  crypto::Hash request;  // request_hash of the body
  base::UnixMillis made_at;
  std::uint16_t status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // Location, Content-Type
  std::string body;
  friend bool operator==(const IdempotencyRecord&, const IdempotencyRecord&) = default;
};

}  // namespace peerpay::api
