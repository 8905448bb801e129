#pragma once
// BIP-340 Schnorr signatures over 32-byte messages.

#include <array>
#include <cstdint>
#include <optional>

#include "crypto/hash.h"
#include "crypto/keys.h"

namespace peerpay::crypto {

// Deterministic: zero auxiliary randomness, so the same vote always has the same signature bytes
// (a crash between two signings can't look like equivocation). The result verifies; a failure of
// the library's self-check is our bug.
[[nodiscard]] Signature sign(const SecretKey& key, const Hash& message);
// With 32 bytes of auxiliary randomness, as BIP-340 recommends against fault attacks.
[[nodiscard]] Signature sign(const SecretKey& key, const Hash& message, base::ByteView aux32);

// A public key ready for many verifications: making it takes an eighth of the time of one.
class VerifyKey {
 public:
  // Empty for an invalid key.
  [[nodiscard]] static std::optional<VerifyKey> from(const PublicKey& key);
  // As the library keeps it.
  [[nodiscard]] const std::array<std::uint8_t, 64>& opaque() const { return opaque_; }

 private:
  std::array<std::uint8_t, 64> opaque_{};
};

[[nodiscard]] bool verify_with(const VerifyKey& key, const Hash& message,
                               const Signature& signature);

// False for an invalid key as for a wrong signature. About 40 us on a 2-core server.
[[nodiscard]] bool verify(const PublicKey& key, const Hash& message, const Signature& signature);

// As above for messages of any length: BIP-340 vectors have such rows; the product signs hashes
// only.
[[nodiscard]] bool verify_message(const PublicKey& key, base::ByteView message,
                                  const Signature& signature);

}  // namespace peerpay::crypto
