#include "node/app/validator_keys.h"

#include <fmt/format.h>

#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/os/entropy.h"
#include "base/os/file.h"
#include "crypto/signature.h"

namespace peerpay::app {
namespace {

base::Unexpected<Failure> failure(std::string sentence) {
  return base::Unexpected{Failure{ExitCode::kError, std::move(sentence)}};
}

}  // namespace

base::Expected<crypto::SecretKey, Failure> new_secret_key() {
  for (;;) {  // all but 2^-128 of all draws are valid scalars
    crypto::SecretBytes bytes{std::size_t{32}};
    if (const auto filled = os::fill_with_entropy(bytes.mutable_view()); !filled) {
      return failure(filled.error().sentence());
    }
    if (auto key = crypto::SecretKey::from_bytes(bytes.view())) return std::move(*key);
  }
}

crypto::SecretBytes secret_hex_line(const crypto::SecretKey& key) {
  auto text = base::to_hex(key.reveal());
  text.push_back('\n');
  crypto::SecretBytes out{base::Bytes{text.begin(), text.end()}};
  crypto::wipe(text.data(), text.size());
  return out;
}

base::Expected<NewValidator, Failure> new_validator(const ValidatorName& name) {
  auto key = new_secret_key();
  if (!key) return base::Unexpected{key.error()};
  auto tls = net::create_tls_identity();
  if (!tls) return failure(std::string{net::sentence(tls.error())});
  ledger::Validator entry;
  entry.name = name.name;
  entry.key = key->public_key();
  entry.fee_account = ledger::account_of(entry.key);
  entry.tls_pin = *net::tls_pin(tls->certificate_pem);
  entry.tls_binding =
      crypto::sign(*key, ledger::tls_binding_message(name.network, entry.key, entry.tls_pin));
  entry.peer_address = name.peer_address;
  return NewValidator{std::move(*key), std::move(*tls), std::move(entry)};
}

base::Expected<void, Failure> write_keys(const HomePaths& paths, const NewValidator& validator,
                                         const NodeConfig& config) {
  if (const auto made = os::create_directories(paths.directory, 0700); !made)
    return failure(made.error().sentence());
  const auto key_hex = secret_hex_line(validator.key);
  const auto config_text = format_node_config(config);
  struct File {
    const std::string& path;
    base::ByteView content;
    bool secret;
  };
  const File files[] = {
      {paths.validator_key, key_hex.view(), true},
      {paths.tls_key, validator.tls.key_pem.view(), true},
      {paths.tls_certificate, base::as_bytes(validator.tls.certificate_pem), false},
      {paths.config, base::as_bytes(config_text), false}};
  for (const auto& file : files) {
    if (auto written = write_new_file(file.path, file.content, file.secret); !written)
      return written;
  }
  return {};
}

// The genesis comes last: a home without one has never run, so a sign log that is there already has
// never been used. One that has a genesis may have lost its log, and must not get another.
base::Expected<void, Failure> write_genesis(const HomePaths& paths, const ledger::Genesis& genesis,
                                            const crypto::PublicKey& key, KeyHistory history) {
  std::error_code error;
  if (std::filesystem::exists(paths.genesis, error) || error)
    return failure(fmt::format("There is a {} already; it was left alone.", paths.genesis));
  if (auto made = Signer::create_log(paths.sign_log, ledger::chain_id(genesis), key, history);
      !made)
    return made;
  return write_new_file(paths.genesis, ledger::encode(genesis), false);
}

}  // namespace peerpay::app
