// Genesis::invalid_reason: every rule that a genesis must keep (spec: ledger L8).

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <string>

#include "crypto/signature.h"
#include "ledger/genesis.h"
#include "ledger/genesis_accounts.h"
#include "ledger/limits.h"

namespace peerpay::ledger {
namespace {

using Reason = std::optional<std::string>;

// Asking costs a tenth of what an account does: so once in a few milliseconds.
constexpr std::size_t kAccountsBetweenAsking = 1024;

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name(std::string_view text) {
  const auto allowed = [](char c) { return is_lower_or_digit(c) || c == '-'; };
  return !text.empty() && text.size() <= kNameLengthMax &&
         std::all_of(text.begin(), text.end(), allowed);
}

bool is_asset_code(std::string_view text) {
  const auto allowed = [](char c) { return is_upper(c) || is_digit(c); };
  return !text.empty() && text.size() <= kAssetCodeLengthMax && is_upper(text.front()) &&
         std::all_of(text.begin(), text.end(), allowed);
}

// host:port, the host not empty (an IPv6 one in brackets holds colons itself), the port 1 to 65535
// without leading zero.
bool is_network_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  if (text.size() > kNetworkAddressLengthMax) return false;
  const auto printable = [](char c) { return c > ' ' && c <= '~'; };
  if (!std::all_of(text.begin(), text.end(), printable)) return false;
  const std::string_view port = text.substr(colon + 1);
  if (port.empty() || port.size() > 5 || port.front() == '0') return false;
  if (!std::all_of(port.begin(), port.end(), is_digit)) return false;
  std::uint32_t number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  return number <= 65535;
}

Reason broken_asset(const Asset& asset) {
  if (!is_asset_code(asset.code)) {
    return "An asset code is 1 to 12 of A-Z and 0-9 and begins with a letter.";
  }
  if (asset.scale > kAssetScaleMax) return "Asset " + asset.code + " has a scale above 18.";
  if (!crypto::is_valid(key_of(asset.issuer))) {
    return "The issuer of asset " + asset.code + " is no valid public key.";
  }
  const auto fee = asset.fee_per_operation.checked_times(kOperationsMax);
  if (!fee || fee->units() > kSupplyMax) {
    return "The fee of asset " + asset.code + " is above what any account can hold.";
  }
  return std::nullopt;
}

Reason broken_assets(const std::vector<Asset>& assets) {
  if (assets.empty() || assets.size() > kAssetsMax) return "There must be 1 to 1024 assets.";
  std::set<std::string_view> codes;
  for (const auto& asset : assets) {
    if (auto reason = broken_asset(asset)) return reason;
    if (!codes.insert(asset.code).second) return "Asset code " + asset.code + " occurs twice.";
  }
  return std::nullopt;
}

Reason broken_network(std::string_view name) {
  if (!is_name(name)) return "The network name is 1 to 32 of a-z, 0-9 and '-'.";
  return std::nullopt;
}

Reason broken_validators(const Genesis& genesis) {
  if (genesis.validators.empty() || genesis.validators.size() > kValidatorsMax) {
    return "There must be 1 to 128 validators.";
  }
  std::set<std::string_view> names;
  std::set<crypto::PublicKey> keys;
  std::set<TlsPin> pins;
  for (const auto& validator : genesis.validators) {
    if (auto reason = validator.invalid_reason(genesis.network)) return reason;
    if (!names.insert(validator.name).second) {
      return "Validator name " + validator.name + " occurs twice.";
    }
    if (!keys.insert(validator.key).second) {
      return "The key of validator " + validator.name + " occurs twice.";
    }
    if (!pins.insert(validator.tls_pin).second) {
      return "The TLS pin of validator " + validator.name + " occurs twice.";
    }
  }
  return std::nullopt;
}

Reason broken_parameters(const ConsensusParameters& p) {
  if (p.block_interval_min_ms == 0) return "block_interval_min_ms must be above 0.";
  if (p.leader_timeout_ms <= p.block_interval_min_ms) {
    return "leader_timeout_ms must be above block_interval_min_ms.";
  }
  if (p.certification_timeout_ms <= p.leader_timeout_ms) {
    return "certification_timeout_ms must be above leader_timeout_ms.";
  }
  if (p.skip_timeout_ms <= p.certification_timeout_ms) {
    return "skip_timeout_ms must be above certification_timeout_ms.";
  }
  if (p.retry_interval_ms == 0 || p.retry_interval_ms >= p.skip_timeout_ms) {
    return "retry_interval_ms must be above 0 and below skip_timeout_ms.";
  }
  if (p.timeout_max_ms < p.certification_timeout_ms) {
    return "timeout_max_ms must not be below certification_timeout_ms.";
  }
  if (p.heartbeat_interval_ms <= p.block_interval_min_ms) {
    return "heartbeat_interval_ms must be above block_interval_min_ms.";
  }
  if (p.timestamp_ahead_max_ms == 0) return "timestamp_ahead_max_ms must be above 0.";
  if (p.block_bytes_max < kBlockBodyBytesMin || p.block_bytes_max > kBlockBodyBytesMax) {
    return "block_bytes_max must be from " + std::to_string(kBlockBodyBytesMin) + " to " +
           std::to_string(kBlockBodyBytesMax) + ".";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Validator::invalid_reason(std::string_view network) const {
  if (auto reason = broken_network(network)) return reason;
  if (!is_name(name)) return "A validator name is 1 to 32 of a-z, 0-9 and '-'.";
  const std::string who = "Validator " + name;
  if (!crypto::is_valid(key)) return who + " has a key that is no valid public key.";
  if (!crypto::is_valid(key_of(fee_account))) {
    return who + " has a fee account that is no valid public key.";
  }
  if (!is_network_address(peer_address)) return who + " has a peer address that is not host:port.";
  if (!crypto::verify(key, tls_binding_message(network, key, tls_pin), tls_binding)) {
    return who + " has a TLS binding that its key did not sign for this network.";
  }
  return std::nullopt;
}

std::optional<std::string> invalid_accounts_reason(const Genesis& genesis,
                                                   const base::ShouldStop& should_stop) {
  if (genesis.accounts.size() > kGenesisAccountsMax)
    return "There are more than 16 million accounts.";
  std::vector<Amount> supply(genesis.assets.size());
  const GenesisAccount* previous = nullptr;
  std::size_t checked = 0;
  for (const auto& account : genesis.accounts) {
    if (checked++ % kAccountsBetweenAsking == 0 && should_stop()) return std::nullopt;
    const std::string who = "Account " + base::to_hex(account.id.view());
    if (previous != nullptr && account.id <= previous->id)
      return who + " is not in ascending order.";
    previous = &account;
    if (!crypto::is_valid(key_of(account.id))) return who + " is no valid public key.";
    if (!is_canonical(account.balances)) {
      return who + " has balances that are not ascending by asset, or a zero balance.";
    }
    for (const auto& [asset, amount] : account.balances) {
      if (asset.value >= supply.size()) return who + " holds an unknown asset.";
      const auto sum = supply[asset.value].checked_add(amount);
      if (!sum || sum->units() > kSupplyMax) {
        return "The supply of asset " + genesis.assets[asset.value].code + " is above 2^63 - 1.";
      }
      supply[asset.value] = *sum;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Genesis::invalid_reason(GenesisCheck check) const {
  if (version != kGenesisVersion) return "The genesis version must be 1.";
  if (auto reason = broken_network(network)) return reason;
  if (auto reason = broken_assets(assets)) return reason;
  if (auto reason = broken_validators(*this)) return reason;
  if (check == GenesisCheck::kWhole) {
    if (auto reason = invalid_accounts_reason(*this, base::never_stop)) return reason;
  }
  return broken_parameters(consensus);
}

}  // namespace peerpay::ledger
