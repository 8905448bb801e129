#pragma once
// Base 64 (RFC 4648 section 4), canonical only: one text for each byte string.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace peerpay::base {

enum class Base64Padding : std::uint8_t { kNone, kRequired };

[[nodiscard]] std::string base64_encode(ByteView bytes, Base64Padding padding);
// Empty on a character outside the alphabet, wrong padding, an impossible length, or unused bits
// that are not zero.
[[nodiscard]] std::optional<Bytes> base64_decode(std::string_view text, Base64Padding padding);

}  // namespace peerpay::base
