#include "node/app/home.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "base/os/file.h"
#include "base/os/secret_file.h"
#include "consensus/types.h"
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

// A home that is not whole won't be by itself: nobody needs to start it again and again.
base::Unexpected<Failure> unreadable(const std::string& sentence) {
  return base::Unexpected{Failure{ExitCode::kUsage, sentence}};
}

base::Expected<base::Bytes, Failure> read(const std::string& path, std::size_t size_max) {
  auto bytes = os::read_file(path, size_max);
  if (!bytes) return unreadable(bytes.error().sentence());
  return std::move(*bytes);
}

// A key that somebody else may have read is the operator's to judge: the node does not start.
base::Expected<crypto::SecretBytes, Failure> read_secret(const std::string& path) {
  auto bytes = os::read_secret_file(path, kSmallFileBytesMax);
  if (bytes) return crypto::SecretBytes{std::move(*bytes)};
  if (bytes.error().fault == os::SecretFileFault::kUnreadable) {
    return unreadable(bytes.error().sentence());
  }
  return base::Unexpected{Failure{ExitCode::kUsage, bytes.error().sentence()}};
}

base::Expected<net::TlsIdentity, Failure> load_tls(const HomePaths& paths) {
  auto certificate = read(paths.tls_certificate, kSmallFileBytesMax);
  if (!certificate) return base::Unexpected{certificate.error()};
  auto key = read_secret(paths.tls_key);
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
  const auto bytes = read(path, kGenesisBytesMax);
  if (!bytes) return base::Unexpected{bytes.error()};
  auto genesis = ledger::decode_genesis(*bytes);
  if (!genesis)
    return corrupt(
        fmt::format("{} is not a genesis file: {}", path, base::sentence(genesis.error())));
  if (const auto reason = genesis->invalid_reason(check))
    return corrupt(fmt::format("{}: {}", path, *reason));
  return std::move(*genesis);
}

base::Expected<Home, Failure> load_home(const std::string& directory) {
  const HomePaths paths{directory};
  auto genesis = load_genesis(paths.genesis, check_needed(paths));
  if (!genesis && genesis.error().code == ExitCode::kUsage) {
    return unreadable(genesis.error().sentence + " peerpayd init and testnet make homes.");
  }
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
  const auto text = read_secret(path);
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

base::Expected<void, Failure> write_new_file(const std::string& path, base::ByteView content,
                                             bool secret) {
  const auto mode = static_cast<mode_t>(secret ? 0600 : 0644);
  const auto written =
      os::write_file_atomically(path, content, {.mode = mode, .existing = os::Existing::kRefuse});
  if (!written) return failure(written.error().sentence());
  return {};
}

}  // namespace peerpay::app
