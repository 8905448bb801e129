#include "node/app/testnet.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "base/os/clock.h"
#include "base/os/entropy.h"
#include "base/os/file.h"
#include "crypto/signature.h"
#include "ledger/address.h"
#include "node/app/home.h"
#include "node/app/node_config.h"
#include "node/app/signer.h"
#include "node/net/tls_identity.h"

namespace peerpay::app {
namespace {

base::Unexpected<Failure> failure(std::string sentence) {
  return base::Unexpected{Failure{ExitCode::kError, std::move(sentence)}};
}

base::Expected<crypto::SecretKey, Failure> new_key() {
  for (;;) {  // all but 2^-128 of all draws are valid scalars
    crypto::SecretBytes bytes{std::size_t{32}};
    if (const auto filled = os::fill_with_entropy(bytes.mutable_view()); !filled) {
      return failure(filled.error().sentence());
    }
    if (auto key = crypto::SecretKey::from_bytes(bytes.view())) return std::move(*key);
  }
}

struct NewValidator {
  crypto::SecretKey key;
  net::TlsIdentity tls;
  ledger::Validator entry;
};

base::Expected<NewValidator, Failure> new_validator(const TestnetOptions& options, std::uint32_t index) {
  auto key = new_key();
  if (!key) return base::Unexpected{key.error()};
  auto tls = net::create_tls_identity();
  if (!tls) return failure(std::string{net::sentence(tls.error())});
  ledger::Validator entry;
  entry.name = fmt::format("validator-{}", index);
  entry.key = key->public_key();
  entry.fee_account = ledger::account_of(entry.key);
  entry.tls_pin = *net::tls_pin(tls->certificate_pem);
  entry.tls_binding =
      crypto::sign(*key, ledger::tls_binding_message(options.network, entry.key, entry.tls_pin));
  entry.peer_address = fmt::format("{}:{}", options.host, options.base_port + 2 * index);
  return NewValidator{std::move(*key), std::move(*tls), std::move(entry)};
}

base::Expected<std::vector<ledger::GenesisAccount>, Failure> fund(const std::vector<Funding>& funds) {
  std::map<ledger::AccountId, ledger::Account> accounts;
  for (const auto& funding : funds) {
    auto& account = accounts[funding.account];
    const auto sum = account.balance(funding.asset).checked_add(funding.amount);
    if (!sum) return failure("The funds of one account add up to more than an amount can hold.");
    account.set_balance(funding.asset, *sum);
  }
  std::vector<ledger::GenesisAccount> out;
  for (const auto& [id, account] : accounts) out.push_back({id, account.balances()});
  return out;
}

crypto::SecretBytes secret_hex_line(const crypto::SecretKey& key) {
  auto text = base::to_hex(key.reveal());
  text.push_back('\n');
  crypto::SecretBytes out{base::Bytes{text.begin(), text.end()}};
  crypto::wipe(text.data(), text.size());
  return out;
}

base::Expected<void, Failure> write_home(const HomePaths& paths, const NewValidator& validator,
                                         const ledger::Genesis& genesis, const NodeConfig& config) {
  if (const auto made = os::create_directories(paths.directory, 0700); !made) return failure(made.error().sentence());
  const auto key_hex = secret_hex_line(validator.key);
  struct File {
    const std::string& path;
    base::ByteView content;
    bool secret;
  };
  const auto genesis_bytes = ledger::encode(genesis);
  const auto config_text = format_node_config(config);
  const File files[] = {{paths.genesis, genesis_bytes, false},
                        {paths.config, base::as_bytes(config_text), false},
                        {paths.tls_certificate, base::as_bytes(validator.tls.certificate_pem), false},
                        {paths.tls_key, validator.tls.key_pem.view(), true},
                        {paths.validator_key, key_hex.view(), true}};
  for (const auto& file : files) {
    if (auto written = write_new_file(file.path, file.content, file.secret); !written) return written;
  }
  return Signer::create_log(paths, ledger::chain_id(genesis), validator.entry.key);
}

std::optional<Failure> refuse(const TestnetOptions& options) {
  if (options.validators < 1 || options.validators > ledger::kValidatorsMax) {
    return Failure{ExitCode::kUsage, fmt::format("A network has 1 to {} validators.", ledger::kValidatorsMax)};
  }
  if (options.base_port + 2 * options.validators > 65'536) {
    return Failure{ExitCode::kUsage, "The ports of the last validator would be above 65535: choose a lower --base-port."};
  }
  std::error_code error;
  if (std::filesystem::exists(options.output, error) && !std::filesystem::is_empty(options.output, error)) {
    return Failure{ExitCode::kError, fmt::format("{} is not empty: choose another --output.", options.output)};
  }
  return std::nullopt;
}

}  // namespace

std::vector<ledger::Asset> testnet_assets() {
  const auto issuer = ledger::AccountId{crypto::sha256(base::as_bytes("peerpay testnet issuer")).bytes};
  return {{"USD", 2, issuer, ledger::Amount{0}}, {"EUR", 2, issuer, ledger::Amount{0}}};
}

base::Expected<Funding, std::string> parse_funding(const std::string& text, const std::vector<ledger::Asset>& assets) {
  const auto equals = text.find('=');
  const auto colon = text.find(':', equals == std::string::npos ? 0 : equals);
  if (equals == std::string::npos || colon == std::string::npos) {
    return base::Unexpected{fmt::format("'{}' is not ADDRESS=ASSET:AMOUNT.", text)};
  }
  const auto address = ledger::parse_address(ledger::NetworkKind::kTest, text.substr(0, equals));
  if (!address) return base::Unexpected{fmt::format("'{}': {}", text.substr(0, equals), address.error())};
  const auto code = text.substr(equals + 1, colon - equals - 1);
  for (std::uint32_t i = 0; i < assets.size(); ++i) {
    if (assets[i].code != code) continue;
    const auto amount = ledger::parse_amount(text.substr(colon + 1), assets[i].scale);
    if (!amount || amount->is_zero()) {
      return base::Unexpected{fmt::format("'{}' is not an amount of {} above zero.", text.substr(colon + 1), code)};
    }
    return Funding{address->account, {i}, *amount};
  }
  return base::Unexpected{fmt::format("'{}' is not an asset of this network.", code)};
}

base::Expected<Testnet, Failure> make_testnet(const TestnetOptions& options) {
  if (auto refused = refuse(options)) return base::Unexpected{std::move(*refused)};
  Testnet out;
  auto& genesis = out.genesis;
  genesis.network = options.network;
  genesis.kind = ledger::NetworkKind::kTest;
  genesis.timestamp = os::read_clock().wall;
  genesis.assets = options.assets;
  genesis.consensus = options.consensus;
  auto accounts = fund(options.funds);
  if (!accounts) return base::Unexpected{accounts.error()};
  genesis.accounts = std::move(*accounts);
  std::vector<NewValidator> validators;
  for (std::uint32_t i = 0; i < options.validators; ++i) {
    auto validator = new_validator(options, i);
    if (!validator) return base::Unexpected{validator.error()};
    genesis.validators.push_back(validator->entry);
    validators.push_back(std::move(*validator));
  }
  if (const auto reason = genesis.invalid_reason()) return failure(*reason);
  for (std::uint32_t i = 0; i < options.validators; ++i) {
    NodeConfig config;
    config.client_listen = fmt::format("{}:{}", options.host, options.base_port + 2 * i + 1);
    const HomePaths paths{options.output + "/" + validators[i].entry.name};
    if (const auto written = write_home(paths, validators[i], genesis, config); !written) {
      return base::Unexpected{written.error()};
    }
    out.nodes.push_back({validators[i].entry.name, paths.directory, config.client_listen});
  }
  return out;
}

}  // namespace peerpay::app
