#include "node/app/home.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/os/file.h"
#include "base/os/secret_file.h"
#include "consensus/types.h"
#include "ledger/genesis_accounts.h"
#include "node/app/storage_failure.h"
#include "node/core/replica.h"

namespace peerpay::app {
namespace {

constexpr std::size_t kSmallFileBytesMax = 64 * 1024;

base::Unexpected<Failure> failure(std::string sentence) {
  return base::Unexpected{Failure{ExitCode::kError, std::move(sentence)}};
}

base::Unexpected<Failure> corrupt(std::string sentence) {
  return base::Unexpected{Failure{ExitCode::kDataCorrupt, std::move(sentence)}};
}

base::Expected<base::Bytes, Failure> read(const std::string& path, std::size_t size_max) {
  auto bytes = os::read_file(path, size_max);
  if (!bytes) return base::Unexpected{failure_of(bytes.error())};
  return std::move(*bytes);
}

base::Expected<ledger::Genesis, Failure> parse_genesis(const std::string& path,
                                                       base::ByteView bytes,
                                                       ledger::GenesisCheck check,
                                                       const base::ShouldStop& should_stop) {
  auto genesis = ledger::decode_genesis(bytes);
  if (!genesis)
    return corrupt(
        fmt::format("{} is not a genesis file: {}", path, base::sentence(genesis.error())));
  auto reason = genesis->invalid_reason(ledger::GenesisCheck::kAllButAccounts);
  if (!reason && check == ledger::GenesisCheck::kWhole)
    reason = ledger::invalid_accounts_reason(*genesis, should_stop);
  if (should_stop()) return base::Unexpected{stopped_before_start()};
  if (reason) return corrupt(fmt::format("{}: {}", path, *reason));
  return std::move(*genesis);
}

base::Expected<ledger::Genesis, Failure> load_own_genesis(const std::string& path,
                                                          ledger::GenesisCheck check,
                                                          const base::ShouldStop& should_stop) {
  const auto bytes = os::read_file(path, kGenesisBytesMax);
  if (bytes) return parse_genesis(path, *bytes, check, should_stop);
  auto failure = failure_of(bytes.error());
  if (bytes.error().errno_value == ENOENT)
    failure.sentence += " peerpayd init and testnet make homes.";
  return base::Unexpected{std::move(failure)};
}

base::Expected<net::TlsIdentity, Failure> load_tls(const HomePaths& paths) {
  auto certificate = read(paths.tls_certificate, kSmallFileBytesMax);
  if (!certificate) return base::Unexpected{certificate.error()};
  auto key = read_secret(paths.tls_key, kSmallFileBytesMax);
  if (!key) return base::Unexpected{key.error()};
  net::TlsIdentity identity{base::to_text(*certificate), std::move(*key)};
  if (const auto pin = net::check_tls_identity(identity); !pin) {
    return corrupt(fmt::format("{} and {}: {}", paths.tls_certificate, paths.tls_key,
                               net::sentence(pin.error())));
  }
  return identity;
}

base::Expected<NodeConfig, Failure> load_config(const std::string& path) {
  const auto text = read(path, kSmallFileBytesMax);
  if (!text) return base::Unexpected{text.error()};
  auto config = parse_node_config(base::to_text(*text), path);
  if (!config) return base::Unexpected{Failure{ExitCode::kUsage, config.error()}};
  return std::move(*config);
}

// The key must be a validator's, and the TLS certificate the one that this validator is pinned to.
base::Expected<std::uint32_t, Failure> find_validator(const HomePaths& paths,
                                                      const ledger::Genesis& genesis,
                                                      const crypto::SecretKey& key,
                                                      const net::TlsIdentity& tls) {
  const auto index = node::validator_set(genesis).index_of(key.public_key());
  if (!index) {
    return corrupt(
        fmt::format("{} is not the key of any validator in {}: one of the two is not this home's.",
                    paths.validator_key, paths.genesis));
  }
  const auto& validator = genesis.validators[index->value];
  if (*net::tls_pin(tls.certificate_pem) != validator.tls_pin) {
    return corrupt(fmt::format(
        "{} is not the certificate that {} pins for {}, whose key {} holds: one of the three is "
        "not this home's.",
        paths.tls_certificate, paths.genesis, validator.name, paths.validator_key));
  }
  return index->value;
}

// Whoever made the store checked the whole genesis first, and the store names it: another one is
// refused when the store is opened.
ledger::GenesisCheck check_needed(const HomePaths& paths) {
  std::error_code unknown;
  return std::filesystem::is_directory(paths.store, unknown) ? ledger::GenesisCheck::kAllButAccounts
                                                             : ledger::GenesisCheck::kWhole;
}

}  // namespace

HomePaths::HomePaths(std::string directory_in)
    : directory{std::move(directory_in)},
      genesis{directory + "/genesis.bcs"},
      config{directory + "/node.toml"},
      validator_key{directory + "/validator.key"},
      tls_certificate{directory + "/tls.crt"},
      tls_key{directory + "/tls.key"},
      sign_log{directory + "/sign.log"},
      store{directory + "/store"},
      evidence{directory + "/evidence"} {}

base::Expected<ledger::Genesis, Failure> load_genesis(const std::string& path,
                                                      ledger::GenesisCheck check) {
  const auto bytes = os::read_input(path, kGenesisBytesMax);
  if (!bytes) return base::Unexpected{failure_of(bytes.error())};
  return parse_genesis(path, *bytes, check, base::never_stop);
}

base::Expected<Home, Failure> load_home(const std::string& directory,
                                        const base::ShouldStop& should_stop) {
  const HomePaths paths{directory};
  auto genesis = load_own_genesis(paths.genesis, check_needed(paths), should_stop);
  if (!genesis) return base::Unexpected{genesis.error()};
  auto config = load_config(paths.config);
  if (!config) return base::Unexpected{config.error()};
  auto key = load_validator_key(paths.validator_key);
  if (!key) return base::Unexpected{key.error()};
  auto tls = load_tls(paths);
  if (!tls) return base::Unexpected{tls.error()};
  const auto index = find_validator(paths, *genesis, *key, *tls);
  if (!index) return base::Unexpected{index.error()};
  return Home{paths,
              ledger::network_of(std::move(*genesis)),
              std::move(*config),
              *index,
              std::move(*key),
              std::move(*tls)};
}

base::Expected<crypto::SecretKey, Failure> load_validator_key(const std::string& path) {
  const auto text = read_secret(path, kSmallFileBytesMax);
  if (!text) return base::Unexpected{text.error()};
  auto hex = base::to_text(text->view());
  while (!hex.empty() && hex.back() == '\n') hex.pop_back();
  crypto::SecretBytes bytes{base::from_hex(hex).value_or(base::Bytes{})};
  crypto::wipe(hex.data(), hex.size());
  auto key = crypto::SecretKey::from_bytes(bytes.view());
  if (!key)
    return corrupt(fmt::format("{} does not hold a secret key (64 hexadecimal digits).", path));
  return std::move(*key);
}

// A key that somebody else may have read is the operator's to judge: the node does not start.
base::Expected<crypto::SecretBytes, Failure> read_secret(const std::string& path,
                                                         std::size_t size_max) {
  auto bytes = os::read_secret_file(path, size_max);
  if (bytes) return crypto::SecretBytes{std::move(*bytes)};
  if (bytes.error().fault == os::SecretFileFault::kUnreadable)
    return base::Unexpected{failure_of(bytes.error().io)};
  return base::Unexpected{Failure{ExitCode::kUsage, bytes.error().sentence()}};
}

base::Expected<void, Failure> write_new_file(const std::string& path, base::ByteView content,
                                             bool secret) {
  const auto mode = static_cast<mode_t>(secret ? 0600 : 0644);
  const auto written =
      os::write_file_atomically(path, content, {.mode = mode, .existing = os::Existing::kRefuse});
  if (!written) return failure(written.error().sentence());
  return {};
}

}  // namespace peerpay::app
