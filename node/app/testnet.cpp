#include "node/app/testnet.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "base/os/clock.h"
#include "base/os/file.h"
#include "ledger/limits.h"
#include "node/app/home.h"
#include "node/app/node_config.h"
#include "node/app/validator_keys.h"

namespace peerpay::app {
namespace {

base::Unexpected<Failure> failure(std::string sentence) {
  return base::Unexpected{Failure{ExitCode::kError, std::move(sentence)}};
}

std::optional<Failure> refuse(const TestnetOptions& options) {
  if (options.validators < 1 || options.validators > ledger::kValidatorsMax) {
    return Failure{ExitCode::kUsage,
                   fmt::format("A network has 1 to {} validators.", ledger::kValidatorsMax)};
  }
  if (options.base_port == 0) {
    return Failure{ExitCode::kUsage,
                   "Port 0 names no place to reach a validator: choose another "
                   "--base-port."};
  }
  if (options.base_port + 2 * options.validators > 65'536) {
    return Failure{
        ExitCode::kUsage,
        "The ports of the last validator would be above 65535: choose a lower --base-port."};
  }
  std::error_code error;
  if (std::filesystem::exists(options.output, error) &&
      !std::filesystem::is_empty(options.output, error)) {
    return Failure{ExitCode::kError,
                   fmt::format("{} is not empty: choose another --output.", options.output)};
  }
  return std::nullopt;
}

std::vector<Funding> faucet_funds(const crypto::PublicKey& key, std::size_t assets) {
  std::vector<Funding> out;
  for (std::uint32_t asset = 0; asset < assets; ++asset) {
    out.push_back({ledger::account_of(key), {asset}, ledger::Amount{kFaucetUnits}});
  }
  return out;
}

base::Expected<void, Failure> write_faucet(const Testnet& testnet, const std::string& directory,
                                           const crypto::SecretKey& key) {
  if (const auto made = os::create_directories(directory, 0700); !made)
    return failure(made.error().sentence());
  return write_new_file(testnet.faucet_key, secret_hex_line(key).view(), true);
}

}  // namespace

base::Expected<std::vector<ledger::GenesisAccount>, Failure> genesis_accounts(
    const std::vector<Funding>& funds) {
  std::map<ledger::AccountId, ledger::Account> accounts;
  for (const auto& funding : funds) {
    auto& account = accounts[funding.account];
    const auto sum = account.balance(funding.asset).checked_add(funding.amount);
    if (!sum) return failure("The funds of one account add up to more than an amount can hold.");
    account.set_balance(funding.asset, *sum);
  }
  std::vector<ledger::GenesisAccount> out;
  out.reserve(accounts.size());
  for (const auto& [id, account] : accounts)
    out.push_back({id, {account.balances().begin(), account.balances().end()}});
  return out;
}

std::vector<ledger::Asset> testnet_assets() {
  const auto issuer =
      ledger::AccountId{crypto::sha256(base::as_bytes("peerpay testnet issuer")).bytes};
  return {{"USD", 2, issuer, ledger::Amount{0}}, {"EUR", 2, issuer, ledger::Amount{0}}};
}

base::Expected<Testnet, Failure> make_testnet(const TestnetOptions& options) {
  if (auto refused = refuse(options)) return base::Unexpected{std::move(*refused)};
  Testnet out;
  out.faucet_key = options.output + "/faucet.key";
  const auto faucet = new_secret_key();
  if (!faucet) return base::Unexpected{faucet.error()};
  auto funds = faucet_funds(faucet->public_key(), options.assets.size());
  funds.insert(funds.end(), options.funds.begin(), options.funds.end());
  auto& genesis = out.genesis;
  genesis.network = options.network;
  genesis.kind = ledger::NetworkKind::kTest;
  genesis.timestamp = os::read_clock().wall;
  genesis.assets = options.assets;
  genesis.consensus = options.consensus;
  auto accounts = genesis_accounts(funds);
  if (!accounts) return base::Unexpected{accounts.error()};
  genesis.accounts = std::move(*accounts);
  std::vector<NewValidator> validators;
  for (std::uint32_t i = 0; i < options.validators; ++i) {
    auto validator = new_validator({options.network, fmt::format("validator-{}", i),
                                    fmt::format("{}:{}", options.host, options.base_port + 2 * i)});
    if (!validator) return base::Unexpected{validator.error()};
    genesis.validators.push_back(validator->entry);
    validators.push_back(std::move(*validator));
  }
  if (const auto reason = genesis.invalid_reason(options.check)) return failure(*reason);
  // Nothing is on disk before all of it is sound.
  if (const auto written = write_faucet(out, options.output, *faucet); !written)
    return base::Unexpected{written.error()};
  for (std::uint32_t i = 0; i < options.validators; ++i) {
    NodeConfig config;
    config.client_listen = fmt::format("{}:{}", options.host, options.base_port + 2 * i + 1);
    const HomePaths paths{options.output + "/" + validators[i].entry.name};
    auto written = write_keys(paths, validators[i], config);
    if (written)
      written = write_genesis(paths, genesis, validators[i].entry.key, KeyHistory::kNeverVoted);
    if (!written) return base::Unexpected{written.error()};
    out.nodes.push_back({validators[i].entry.name, paths.directory, config.client_listen});
  }
  return out;
}

}  // namespace peerpay::app
