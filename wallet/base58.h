#pragma once
// Base58Check: how BIP-32 writes extended keys. Only encoding: peerpay never reads such text.

#include "base/bytes.h"
#include "crypto/keys.h"

namespace peerpay::wallet {

// `payload` and the first 4 bytes of its double SHA-256, in base 58. REQUIRES: at most 128 bytes
// (the conversion is quadratic).
[[nodiscard]] crypto::SecretBytes base58check_encode(base::ByteView payload);

}  // namespace peerpay::wallet
