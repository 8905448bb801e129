#include "crypto/keys.h"

#include <openssl/crypto.h>
#include <secp256k1.h>
#include <secp256k1_extrakeys.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/secp_context.h"

namespace peerpay::crypto {
namespace {

secp256k1_pubkey point_of(const std::array<std::uint8_t, 32>& scalar) {
  secp256k1_pubkey point;
  const int made = secp256k1_ec_pubkey_create(secp_context(), &point, scalar.data());
  PEERPAY_CHECK(made == 1, "a SecretKey always holds a valid scalar");
  return point;
}

}  // namespace

void wipe(void* memory, std::size_t size) { OPENSSL_cleanse(memory, size); }

bool is_valid(const PublicKey& key) {
  secp256k1_xonly_pubkey parsed;
  return secp256k1_xonly_pubkey_parse(secp_context(), &parsed, key.bytes.data()) == 1;
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this == &other) return *this;
  wipe(bytes_.data(), bytes_.size());
  bytes_ = std::move(other.bytes_);
  other.bytes_.clear();
  return *this;
}

SecretBytes::~SecretBytes() { wipe(bytes_.data(), bytes_.size()); }

std::optional<SecretKey> SecretKey::from_bytes(base::ByteView bytes) {
  if (bytes.size() != 32) return std::nullopt;
  if (secp256k1_ec_seckey_verify(secp_context(), bytes.data()) != 1) return std::nullopt;
  SecretKey out;
  std::copy(bytes.begin(), bytes.end(), out.bytes_.begin());
  return out;
}

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_{other.bytes_} {
  wipe(other.bytes_.data(), other.bytes_.size());
}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
  if (this == &other) return *this;
  bytes_ = other.bytes_;
  wipe(other.bytes_.data(), other.bytes_.size());
  return *this;
}

SecretKey::~SecretKey() { wipe(bytes_.data(), bytes_.size()); }

PublicKey SecretKey::public_key() const {
  const secp256k1_pubkey point = point_of(bytes_);
  secp256k1_xonly_pubkey x_only;
  PEERPAY_CHECK(secp256k1_xonly_pubkey_from_pubkey(secp_context(), &x_only, nullptr, &point) == 1,
                "every point has an x coordinate");
  PublicKey out;
  secp256k1_xonly_pubkey_serialize(secp_context(), out.bytes.data(), &x_only);
  return out;
}

std::array<std::uint8_t, 33> SecretKey::compressed_public_key() const {
  const secp256k1_pubkey point = point_of(bytes_);
  std::array<std::uint8_t, 33> out{};
  std::size_t size = out.size();
  secp256k1_ec_pubkey_serialize(secp_context(), out.data(), &size, &point, SECP256K1_EC_COMPRESSED);
  return out;
}

std::optional<SecretKey> SecretKey::plus_tweak(base::ByteView tweak32) const {
  if (tweak32.size() != 32) return std::nullopt;
  SecretKey out;
  out.bytes_ = bytes_;
  if (secp256k1_ec_seckey_tweak_add(secp_context(), out.bytes_.data(), tweak32.data()) != 1) {
    return std::nullopt;
  }
  return out;
}

}  // namespace peerpay::crypto
