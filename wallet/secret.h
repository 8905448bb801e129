#pragma once
// Small helpers for text that must be wiped: words, pass phrases, exported keys.

#include <initializer_list>
#include <string_view>

#include "base/bytes.h"
#include "crypto/keys.h"

namespace peerpay::wallet {

// Valid as long as `secret` lives and is not moved from.
[[nodiscard]] std::string_view secret_text(const crypto::SecretBytes& secret);

// The parts one after the other, copied once into memory that is wiped.
[[nodiscard]] crypto::SecretBytes secret_concat(std::initializer_list<base::ByteView> parts);
[[nodiscard]] crypto::SecretBytes secret_from(std::string_view text);

// Lower-case hexadecimal.
[[nodiscard]] crypto::SecretBytes secret_hex(base::ByteView bytes);

}  // namespace peerpay::wallet
