#pragma once
// Keys of accounts and validators: secp256k1, x-only public keys (BIP-340).
//
// A SecretKey is never copied, never printed, and is wiped when it goes away. libsecp256k1 is
// behind this header; all functions may be called from any thread.

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace peerpay::crypto {

// 32-byte x coordinate (BIP-340). A PublicKey value may be any 32 bytes; is_valid says whether they
// are the x coordinate of a point.
using PublicKey = base::FixedBytes<struct PublicKeyTag, 32>;
// BIP-340 signature.
using Signature = base::FixedBytes<struct SignatureTag, 64>;

[[nodiscard]] bool is_valid(const PublicKey& key);

// Overwrites memory in a way that the compiler may not remove.
void wipe(void* memory, std::size_t size);

// A byte string that is wiped when it goes away (pass phrases, seeds, derived keys).
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(base::Bytes bytes) : bytes_{std::move(bytes)} {}
  explicit SecretBytes(std::size_t size) : bytes_(size) {}
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes(SecretBytes&& other) noexcept : bytes_{std::move(other.bytes_)} {
    other.bytes_.clear();
  }
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  ~SecretBytes();

  base::ByteView view() const { return bytes_; }
  std::span<std::uint8_t> mutable_view() { return bytes_; }

 private:
  base::Bytes bytes_;
};

class SecretKey {
 public:
  // Empty unless `bytes` holds exactly 32 bytes that are a valid scalar (1 to the group order - 1).
  [[nodiscard]] static std::optional<SecretKey> from_bytes(base::ByteView bytes);

  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  SecretKey(SecretKey&& other) noexcept;
  SecretKey& operator=(SecretKey&& other) noexcept;
  ~SecretKey();

  [[nodiscard]] PublicKey public_key() const;
  // 33-byte compressed point (SEC 1), as BIP-32 needs it.
  [[nodiscard]] std::array<std::uint8_t, 33> compressed_public_key() const;
  // (this + tweak) mod n, as BIP-32 child derivation needs it. Empty when the tweak is not below
  // the group order or the sum is zero (probability 2^-127).
  [[nodiscard]] std::optional<SecretKey> plus_tweak(base::ByteView tweak32) const;
  // REQUIRES: the caller wipes what it copies. For keystores and signing only.
  [[nodiscard]] base::ByteView reveal() const { return bytes_; }

 private:
  SecretKey() = default;
  std::array<std::uint8_t, 32> bytes_{};
};

}  // namespace peerpay::crypto
