#pragma once
// Base 64 (RFC 4648 section 4), canonical only: one text for each byte string.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace peerpay::wallet {

enum class Base64Padding { kNone, kRequired };

[[nodiscard]] std::string base64_encode(base::ByteView bytes);  // without padding
// Empty on a character outside the alphabet, wrong padding, an impossible length, or unused bits
// that are not zero.
[[nodiscard]] std::optional<base::Bytes> base64_decode(std::string_view text,
                                                       Base64Padding padding);

}  // namespace peerpay::wallet
