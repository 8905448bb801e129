#include "wallet/cli/home.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/os/entropy.h"
#include "base/os/file.h"
#include "wallet/cli/private_file.h"
#include "wallet/secret.h"

namespace peerpay::wallet::cli {
namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr std::size_t kConfigBytesMax = 64 * 1024;
constexpr std::size_t kAccountsBytesMax = 1024 * 1024;
constexpr std::uint64_t kAccountsVersion = 1;
constexpr const char* kKeystoreAdvice =
    "put a backup of it back, or make another wallet from the words: peerpay init --restore --home "
    "DIR";

base::Unexpected<Failure> accounts_damaged(const std::string& path) {
  return fail(ExitCode::kError, "accounts_damaged", path + " is damaged.",
              "peerpay keys repair makes it again from the keystore");
}

Result<void> check_directory(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return io_failed(os::io_failure("inspect", path).error);
  const bool is_own = status.st_uid == geteuid();
  if (is_own && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return fail(ExitCode::kLocked, "home_not_private",
              path + " can be entered by other users, and it holds a wallet.", "chmod 700 " + path);
}

Result<void> write(const std::string& path, base::ByteView content) {
  const auto written = os::write_file_atomically(path, content, {.mode = 0600});
  if (!written) return io_failed(written.error());
  return {};
}

Json accounts_json(const Keystore& keystore) {
  Json::Array list;
  for (const auto& account : public_accounts(keystore)) {
    list.push_back(Json::Object{{"name", account.name},
                                {"account_id", base::to_hex(account.id.view())},
                                {"origin", account.origin}});
  }
  return Json::Object{{"version", kAccountsVersion},
                      {"kind", network_kind_text(keystore.network)},
                      {"accounts", std::move(list)}};
}

std::optional<std::vector<PublicAccount>> accounts_from(const Json& json) {
  const auto* list = json.member("accounts");
  if (list == nullptr || list->array() == nullptr) return std::nullopt;
  std::vector<PublicAccount> out;
  for (const auto& one : *list->array()) {
    const auto name = one.member_text("name");
    const auto id = base::fixed_from_hex<ledger::AccountId>(
        one.member_text("account_id").value_or(std::string{}));
    const auto origin = one.member_text("origin");
    if (!name || !id || !origin || !is_account_name(*name)) return std::nullopt;
    out.push_back({*name, *id, *origin});
  }
  return out;
}

base::Unexpected<Failure> keystore_failed(AgeError error, const std::string& path) {
  const bool is_passphrase = error == AgeError::kPassphraseWrong;
  return fail(is_passphrase ? ExitCode::kLocked : ExitCode::kError,
              is_passphrase ? "passphrase_wrong" : "keystore_unreadable",
              path + ": " + std::string{sentence(error)}, is_passphrase ? "" : kKeystoreAdvice);
}

}  // namespace

Result<Network> read_network(base::ByteView genesis_bytes, std::string_view name) {
  auto genesis = ledger::decode_genesis(genesis_bytes);
  if (!genesis) {
    return fail(
        ExitCode::kError, "genesis_malformed",
        std::string{name} + " is no genesis file: " + std::string{base::sentence(genesis.error())});
  }
  if (const auto reason = genesis->invalid_reason()) {
    return fail(ExitCode::kError, "genesis_invalid", std::string{name} + ": " + *reason);
  }
  return ledger::network_of(*std::move(genesis));
}

std::string WalletHome::file(std::string_view name) const {
  return directory_ + "/" + std::string{name};
}

Result<void> WalletHome::check_usable() const {
  if (is_initialized()) return check_directory(directory_);
  if (const auto gone = check_no_leftover(); !gone) return gone;
  return fail(ExitCode::kError, "wallet_missing", "There is no wallet in " + directory_ + ".",
              "peerpay init --node HOST:PORT");
}

bool WalletHome::is_initialized() const { return access(keystore_path().c_str(), F_OK) == 0; }

bool WalletHome::has_network() const { return access(file("genesis.bcs").c_str(), F_OK) == 0; }

Result<void> WalletHome::check_no_leftover() const {
  const auto found = leftover();
  if (!found) return {};
  return fail(ExitCode::kError, "keystore_missing",
              *found + " is of a wallet whose keystore.age is gone.",
              "put keystore.age back from a backup; or move " + directory_ +
                  " away, or choose another --home, and make a wallet from its words: peerpay init "
                  "--restore");
}

std::optional<std::string> WalletHome::leftover() const {
  for (const auto* name : {"accounts.json", "genesis.bcs"}) {
    if (access(file(name).c_str(), F_OK) == 0) return file(name);
  }
  std::error_code ignored;  // a directory that can't be read is told by create()
  for (const auto& directory : {outbox_path(), sent_path(), payees_path(), references_path()}) {
    const std::filesystem::directory_iterator files(directory, ignored);
    if (files != std::filesystem::directory_iterator{}) return files->path().string();
  }
  return std::nullopt;
}

Result<void> WalletHome::create() const {
  for (const auto& path : {directory_, outbox_path(), sent_path()}) {
    if (const auto made = os::create_directories(path, kDirectoryMode); !made) {
      return io_failed(made.error());
    }
  }
  return check_directory(directory_);
}

Result<ConfigFile> WalletHome::config() const {
  const auto path = file("config.toml");
  const auto content = os::read_file(path, kConfigBytesMax);
  if (!content && content.error().errno_value == ENOENT) return ConfigFile{};
  if (!content) return io_failed(content.error());
  return parse_config(base::to_text(*content), path);
}

Result<void> WalletHome::write_config(const ConfigFile& config) const {
  return write(file("config.toml"), base::as_bytes(config_text(config)));
}

Result<Network> WalletHome::network() const {
  if (const auto usable = check_usable(); !usable) return base::Unexpected{usable.error()};
  const auto path = file("genesis.bcs");
  if (!has_network()) {
    return fail(
        ExitCode::kError, "network_unknown", "This wallet has no network yet.",
        "peerpay init --genesis FILE, or add --node HOST:PORT to a command that asks a node");
  }
  const auto content = os::read_file(path, kGenesisBytesMax);
  if (!content) return io_failed(content.error());
  auto network = read_network(*content, path);
  if (!network) {
    auto failure = network.error();
    failure.next = "move that file away, and take the network again: peerpay init --genesis FILE";
    return base::Unexpected{failure};
  }
  return network;
}

Result<void> WalletHome::pin_network(base::ByteView genesis_bytes) const {
  return write(file("genesis.bcs"), genesis_bytes);
}

Result<ledger::NetworkKind> WalletHome::network_kind() const {
  if (has_network()) {
    const auto pinned = network();
    if (!pinned) return base::Unexpected{pinned.error()};
    return pinned->genesis.kind;
  }
  const auto json = accounts_file();
  if (!json) return base::Unexpected{json.error()};
  const auto kind = parse_network_kind(json->member_text("kind").value_or(std::string{}));
  if (!kind) return accounts_damaged(file("accounts.json"));
  return *kind;
}

Result<Json> WalletHome::accounts_file() const {
  if (const auto usable = check_usable(); !usable) return base::Unexpected{usable.error()};
  const auto path = file("accounts.json");
  const auto content = os::read_file(path, kAccountsBytesMax);
  if (!content && content.error().errno_value == ENOENT) return accounts_damaged(path);
  if (!content) return io_failed(content.error());
  auto json = Json::parsed(base::to_text(*content));
  if (!json || json->member_number("version") != kAccountsVersion) return accounts_damaged(path);
  return *std::move(json);
}

Result<std::vector<PublicAccount>> WalletHome::accounts() const {
  const auto json = accounts_file();
  if (!json) return base::Unexpected{json.error()};
  auto accounts = accounts_from(*json);
  if (!accounts || accounts->empty()) return accounts_damaged(file("accounts.json"));
  return *std::move(accounts);
}

Result<PublicAccount> WalletHome::account(const std::optional<std::string>& name) const {
  const auto known = accounts();
  if (!known) return base::Unexpected{known.error()};
  auto wanted = name;
  if (!wanted) {
    const auto settings = config();
    if (!settings) return base::Unexpected{settings.error()};
    wanted = settings->account;
  }
  if (!wanted) return known->front();
  const auto found = std::find_if(known->begin(), known->end(),
                                  [&](const PublicAccount& one) { return one.name == *wanted; });
  if (found != known->end()) return *found;
  return fail(ExitCode::kUsage, "account_unknown",
              "This wallet has no account \"" + *wanted + "\".", "peerpay keys ls");
}

Result<UnlockedKeystore> WalletHome::open_keystore(const crypto::SecretBytes& passphrase) const {
  if (const auto usable = check_usable(); !usable) return base::Unexpected{usable.error()};
  const auto path = keystore_path();
  const auto content = read_private_file(path, kAgeFileBytesMax);
  if (!content) return base::Unexpected{content.error()};
  const auto text = age_decrypt(content->view(), passphrase.view());
  if (!text) return keystore_failed(text.error(), path);
  auto keystore = parse_keystore(secret_text(*text));
  if (!keystore) {
    return fail(ExitCode::kError, "keystore_malformed", path + ": " + keystore.error(),
                kKeystoreAdvice);
  }
  return UnlockedKeystore{*std::move(keystore), age_work_factor(content->view())};
}

Result<void> WalletHome::write_keystore(const UnlockedKeystore& keystore,
                                        const crypto::SecretBytes& passphrase) const {
  crypto::SecretBytes random{kAgeRandomBytes};
  if (const auto filled = os::fill_with_entropy(random.mutable_view()); !filled) {
    return io_failed(filled.error());
  }
  const auto text = encode(keystore.content);
  const auto sealed =
      age_encrypt(text.view(), passphrase.view(), random.view(), keystore.work_factor);
  if (!sealed) return keystore_failed(sealed.error(), keystore_path());
  if (const auto written = write(keystore_path(), *sealed); !written) return written;
  const auto accounts = accounts_json(keystore.content).serialized() + "\n";
  return write(file("accounts.json"), base::as_bytes(accounts));
}

}  // namespace peerpay::wallet::cli
