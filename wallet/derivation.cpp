#include "wallet/derivation.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/symmetric.h"
#include "wallet/base58.h"
#include "wallet/secret.h"

namespace peerpay::wallet {
namespace {

constexpr std::size_t kHalf = 32;  // HMAC-SHA-512 gives the key, then the chain code
constexpr std::array<std::uint8_t, 4> kXprvVersion = {0x04, 0x88, 0xad, 0xe4};
constexpr std::array<std::uint8_t, 1> kPrivateKeyMark = {0x00};

std::array<std::uint8_t, 4> big_endian(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

crypto::SecretBytes right_half(const crypto::SecretBytes& both) {
  return secret_concat({both.view().subspan(kHalf)});
}

std::array<std::uint8_t, 4> fingerprint(const crypto::SecretKey& key) {
  const auto name = crypto::hash160(key.compressed_public_key());
  return {name.bytes[0], name.bytes[1], name.bytes[2], name.bytes[3]};
}

// What the parent's chain code is applied to (BIP-32, "Private parent key -> private child key").
crypto::SecretBytes child_data(const ExtendedKey& parent, std::uint32_t number) {
  const auto index = big_endian(number);
  if ((number & kHardened) != 0) {
    return secret_concat({kPrivateKeyMark, parent.key.reveal(), index});
  }
  return secret_concat({parent.key.compressed_public_key(), index});
}

}  // namespace

std::optional<ExtendedKey> master_key(base::ByteView seed) {
  PEERPAY_CHECK(seed.size() >= 16 && seed.size() <= 64, "BIP-32 seeds have 128 to 512 bits");
  const auto both = crypto::hmac_sha512(base::as_bytes("Bitcoin seed"), seed);
  auto key = crypto::SecretKey::from_bytes(both.view().first(kHalf));
  if (!key) return std::nullopt;
  return ExtendedKey{.key = *std::move(key), .chain_code = right_half(both)};
}

std::optional<ExtendedKey> child_key(const ExtendedKey& parent, std::uint32_t number) {
  if (parent.depth == UINT8_MAX) return std::nullopt;
  const auto data = child_data(parent, number);
  const auto both = crypto::hmac_sha512(parent.chain_code.view(), data.view());
  auto key = parent.key.plus_tweak(both.view().first(kHalf));
  if (!key) return std::nullopt;
  return ExtendedKey{.key = *std::move(key),
                     .chain_code = right_half(both),
                     .depth = static_cast<std::uint8_t>(parent.depth + 1),
                     .parent_fingerprint = fingerprint(parent.key),
                     .child_number = number};
}

std::optional<ExtendedKey> derive(base::ByteView seed, std::span<const std::uint32_t> path) {
  auto key = master_key(seed);
  for (const auto number : path) {
    if (!key) return std::nullopt;
    key = child_key(*key, number);
  }
  return key;
}

crypto::SecretBytes xprv(const ExtendedKey& key) {
  const std::array<std::uint8_t, 1> depth = {key.depth};
  const auto payload =
      secret_concat({kXprvVersion, depth, key.parent_fingerprint, big_endian(key.child_number),
                     key.chain_code.view(), kPrivateKeyMark, key.key.reveal()});
  return base58check_encode(payload.view());
}

std::array<std::uint32_t, 3> account_path(ledger::NetworkKind kind, std::uint32_t account) {
  PEERPAY_CHECK(account < kAccountsMax, "account numbers are small");
  const auto coin = kind == ledger::NetworkKind::kMain ? kCoinMain : kCoinTest;
  return {kPurpose | kHardened, coin | kHardened, account | kHardened};
}

std::string path_text(std::span<const std::uint32_t> path) {
  std::string out = "m";
  for (const auto number : path) {
    out += "/" + std::to_string(number & ~kHardened) + ((number & kHardened) != 0 ? "'" : "");
  }
  return out;
}

std::optional<crypto::SecretKey> account_key(base::ByteView seed, ledger::NetworkKind kind,
                                             std::uint32_t account) {
  const auto path = account_path(kind, account);
  auto key = derive(seed, path);
  if (!key) return std::nullopt;
  return std::move(key->key);
}

}  // namespace peerpay::wallet
