#pragma once
// Genesis: what every node of a network must agree on before the first block. The tagged hash of
// its canonical bytes is the chain id. Nothing here can be set by a node's own configuration.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bcs.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "crypto/keys.h"
#include "ledger/account.h"
#include "ledger/amount.h"
#include "ledger/ids.h"

namespace peerpay::ledger {

inline constexpr std::uint8_t kGenesisVersion = 1;

// SHA-256 of a TLS certificate's SubjectPublicKeyInfo.
using TlsPin = base::FixedBytes<struct TlsPinTag, 32>;

struct Asset {
  std::string code;        // 1-12 of A-Z 0-9, first a letter; unique
  std::uint8_t scale = 0;  // digits after the decimal point
  AccountId issuer;
  Amount fee_per_operation;  // flat minimum when the fee is paid in this asset; may be 0
  friend bool operator==(const Asset&, const Asset&) = default;
};

struct GenesisAccount {
  AccountId id;
  std::vector<Balance> balances;  // ascending by asset, none zero
  friend bool operator==(const GenesisAccount&, const GenesisAccount&) = default;
};

struct Validator {
  std::string name;       // for people and logs: 1-32 of a-z 0-9 -
  crypto::PublicKey key;  // signs votes
  AccountId fee_account;  // receives the fees of the blocks it proposes
  TlsPin tls_pin;
  crypto::Signature tls_binding;  // by `key`, over tls_pin and the genesis network name
  std::string peer_address;       // host:port of the peer listener

  // One sentence when it can't be in the genesis of `network`.
  [[nodiscard]] std::optional<std::string> invalid_reason(std::string_view network) const;
  friend bool operator==(const Validator&, const Validator&) = default;
};

// Milliseconds unless a name says otherwise. Same everywhere, so part of the genesis.
struct ConsensusParameters {
  std::uint32_t block_interval_min_ms = 20;
  std::uint32_t heartbeat_interval_ms = 10'000;  // a block at least this often when idle
  std::uint32_t leader_timeout_ms = 400;
  std::uint32_t certification_timeout_ms = 800;
  std::uint32_t retry_interval_ms = 1'000;
  std::uint32_t skip_timeout_ms = 5'000;
  std::uint32_t timeout_max_ms = 30'000;
  std::uint32_t timestamp_ahead_max_ms = 500;  // of the verifier's clock
  std::uint32_t block_bytes_max = 1024 * 1024;
  friend bool operator==(const ConsensusParameters&, const ConsensusParameters&) = default;
};

enum class NetworkKind : std::uint8_t { kMain = 0, kTest = 1 };

// How much of a genesis is checked: the accounts are nearly all of its bytes, and of the cost.
enum class GenesisCheck : std::uint8_t { kWhole, kAllButAccounts };

struct Genesis {
  std::uint8_t version = kGenesisVersion;
  std::string network;  // for example "devnet"; 1-32 of a-z 0-9 -
  NetworkKind kind = NetworkKind::kTest;
  base::UnixMillis timestamp;
  std::vector<Asset> assets;
  std::vector<Validator> validators;
  std::vector<GenesisAccount> accounts;  // ascending by id
  ConsensusParameters consensus;
  friend bool operator==(const Genesis&, const Genesis&) = default;

  // One sentence when a rule is broken (spec: ledger L8): unsorted or duplicate entries, an unknown
  // asset, a supply above the limit, no validator, an invalid key, timers in the wrong order, a bad
  // TLS binding. Costs about 5 us per account and 40 us per validator.
  [[nodiscard]] std::optional<std::string> invalid_reason(
      GenesisCheck check = GenesisCheck::kWhole) const;

  [[nodiscard]] const Asset* asset(AssetId id) const;
  [[nodiscard]] std::optional<AssetId> asset_by_code(std::string_view code) const;
};

[[nodiscard]] base::Bytes encode(const Genesis& genesis);
[[nodiscard]] base::Expected<Genesis, base::DecodeError> decode_genesis(base::ByteView bytes);
[[nodiscard]] ChainId chain_id(const Genesis& genesis);
[[nodiscard]] ChainId chain_id(base::ByteView encoded_genesis);

// A genesis and its id, which costs as much as encoding all of it.
struct Network {
  Genesis genesis;
  ChainId chain;
};
[[nodiscard]] Network network_of(Genesis genesis);
// Gives back the memory of the accounts, 100 bytes or so each: only the first state is made of
// them. From then on `genesis` is no genesis that could be encoded; `chain` stays the id of the
// whole.
void forget_accounts(Network& network);

// The message that a validator signs to bind its TLS key to its name in this network.
[[nodiscard]] crypto::Hash tls_binding_message(std::string_view network,
                                               const crypto::PublicKey& key, const TlsPin& pin);

}  // namespace peerpay::ledger
