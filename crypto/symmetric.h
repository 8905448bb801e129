#pragma once
// Key derivation and authenticated encryption for wallets, from OpenSSL. No nonce or salt is made
// here: the caller supplies randomness.

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "crypto/keys.h"

namespace peerpay::crypto {

// 64 bytes.
[[nodiscard]] SecretBytes hmac_sha512(base::ByteView key, base::ByteView data);
// 32 bytes.
[[nodiscard]] base::Bytes hmac_sha256(base::ByteView key, base::ByteView data);
// RFC 8018, PRF HMAC-SHA-512.
[[nodiscard]] SecretBytes pbkdf2_sha512(base::ByteView password, base::ByteView salt,
                                        std::uint32_t iterations, std::size_t size);
// RFC 5869 with HMAC-SHA-256.
[[nodiscard]] SecretBytes hkdf_sha256(base::ByteView key, base::ByteView salt, base::ByteView info,
                                      std::size_t size);

struct ScryptCost {
  std::uint32_t log2_n = 0;  // memory is 128 * r * 2^log2_n bytes; 0 is refused
  std::uint32_t r = 8;
  std::uint32_t p = 1;
};
// RFC 7914. Empty when the parameters need more than `memory_max` bytes.
[[nodiscard]] std::optional<SecretBytes> scrypt(base::ByteView password, base::ByteView salt,
                                                ScryptCost cost, std::size_t size,
                                                std::uint64_t memory_max);

// ChaCha20-Poly1305 (RFC 8439), empty associated data: ciphertext || 16-byte tag.
// REQUIRES: 32-byte key, 12-byte nonce never used before with this key.
[[nodiscard]] base::Bytes chacha20_poly1305_seal(base::ByteView key, base::ByteView nonce,
                                                 base::ByteView plaintext);
// Empty when the tag does not match: wrong key or altered bytes.
[[nodiscard]] std::optional<SecretBytes> chacha20_poly1305_open(base::ByteView key,
                                                                base::ByteView nonce,
                                                                base::ByteView sealed);

// Equal content, in time that depends on the lengths alone.
[[nodiscard]] bool equal_constant_time(base::ByteView a, base::ByteView b);

}  // namespace peerpay::crypto
