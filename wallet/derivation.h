#pragma once
// Keys from a seed (BIP-32, private derivation only), and where peerpay's accounts live in that
// tree. Source: github.com/bitcoin/bips, bip-0032.mediawiki and bip-0044.mediawiki.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "crypto/keys.h"
#include "ledger/genesis.h"

namespace peerpay::wallet {

inline constexpr std::uint32_t kHardened = 0x8000'0000;

struct ExtendedKey {
  crypto::SecretKey key;
  crypto::SecretBytes chain_code;  // 32 bytes
  std::uint8_t depth = 0;
  std::array<std::uint8_t, 4> parent_fingerprint{};
  std::uint32_t child_number = 0;  // kHardened included
};

// Empty with probability 2^-127. REQUIRES: 16 to 64 bytes of seed.
[[nodiscard]] std::optional<ExtendedKey> master_key(base::ByteView seed);
// Child `number` (add kHardened for a hardened one). Empty with probability 2^-127, and below depth
// 255.
[[nodiscard]] std::optional<ExtendedKey> child_key(const ExtendedKey& parent, std::uint32_t number);
[[nodiscard]] std::optional<ExtendedKey> derive(base::ByteView seed,
                                                std::span<const std::uint32_t> path);

// "xprv…" text.
[[nodiscard]] crypto::SecretBytes xprv(const ExtendedKey& key);

// m / 44' / coin' / account', every level hardened. There is nothing below the account: addresses
// with tags take the place of receive addresses, so no extended public key is ever needed, and a
// leaked account key says nothing about its siblings.
inline constexpr std::uint32_t kPurpose = 44;
// SLIP-44 gives 1 to every test network. The main network's number spells "peer" in ASCII.
inline constexpr std::uint32_t kCoinTest = 1;
inline constexpr std::uint32_t kCoinMain = 0x70656572;
inline constexpr std::uint32_t kAccountsMax = 1000;

[[nodiscard]] std::array<std::uint32_t, 3> account_path(ledger::NetworkKind kind,
                                                        std::uint32_t account);
// "m/44'/1'/0'".
[[nodiscard]] std::string path_text(std::span<const std::uint32_t> path);
// Empty with probability 2^-127: take the next account. REQUIRES: account < kAccountsMax.
[[nodiscard]] std::optional<crypto::SecretKey> account_key(base::ByteView seed,
                                                           ledger::NetworkKind kind,
                                                           std::uint32_t account);

}  // namespace peerpay::wallet
