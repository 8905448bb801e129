#pragma once
// WalletHome: the wallet's directory and what is in it (spec: wallet W1).
//
//   genesis.bcs     the network, once it is pinned    accounts.json   names and ids, no secret
//   keystore.age    words and keys, age, 0600         config.toml     node, tls_ca, account
//   outbox/ sent/   payments (outbox.h)               payees/         who was paid (outbox.h)
//   references/     which references were paid (outbox.h)
//   lock            one writer at a time

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/json.h"
#include "ledger/genesis.h"
#include "ledger/ids.h"
#include "wallet/age.h"
#include "wallet/cli/failure.h"
#include "wallet/cli/settings.h"
#include "wallet/keystore.h"

namespace peerpay::wallet::cli {

using json::Json;

using ledger::Network;

// The largest genesis file that is read, here as by nodes.
inline constexpr std::size_t kGenesisBytesMax = std::size_t{1} << 31;
// Decodes and checks a genesis file.
[[nodiscard]] Result<Network> read_network(base::ByteView genesis_bytes, std::string_view name);

// An open keystore, and what it cost to open: rewriting keeps that cost.
struct UnlockedKeystore {
  Keystore content;
  AgeWorkFactor work_factor;
};

class WalletHome {
 public:
  explicit WalletHome(std::string directory) : directory_{std::move(directory)} {}

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::string file(std::string_view name) const;
  [[nodiscard]] std::string keystore_path() const { return file("keystore.age"); }
  [[nodiscard]] std::string outbox_path() const { return file("outbox"); }
  [[nodiscard]] std::string sent_path() const { return file("sent"); }
  [[nodiscard]] std::string payees_path() const { return file("payees"); }
  [[nodiscard]] std::string references_path() const { return file("references"); }

  // A keystore is there.
  [[nodiscard]] bool is_initialized() const;
  // No file is here of a wallet whose keystore is gone: "keystore_missing" otherwise. REQUIRES: not
  // initialized.
  [[nodiscard]] Result<void> check_no_leftover() const;
  // Makes the directories, 0700. Existing ones must belong to this user alone.
  [[nodiscard]] Result<void> create() const;

  // Empty settings when there is no file.
  [[nodiscard]] Result<ConfigFile> config() const;
  [[nodiscard]] Result<void> write_config(const ConfigFile& config) const;

  // A network is pinned; a wallet that was made before its network has none yet.
  [[nodiscard]] bool has_network() const;
  // There is a wallet, in a directory that nobody else may enter: ExitCode::kLocked otherwise.
  [[nodiscard]] Result<void> check_usable() const;

  // These need a usable wallet.
  [[nodiscard]] Result<Network> network() const;
  // Of the pinned network, or the one that the wallet was made for.
  [[nodiscard]] Result<ledger::NetworkKind> network_kind() const;
  [[nodiscard]] Result<std::vector<PublicAccount>> accounts() const;
  // The named account; without a name the configured one, or the first.
  [[nodiscard]] Result<PublicAccount> account(const std::optional<std::string>& name) const;

  // ExitCode::kLocked also when the passphrase is wrong or the file is not private.
  [[nodiscard]] Result<UnlockedKeystore> open_keystore(const crypto::SecretBytes& passphrase) const;

  [[nodiscard]] Result<void> pin_network(base::ByteView genesis_bytes) const;
  // Writes keystore.age, then accounts.json; each is replaced whole or not at all, and
  // accounts.json can always be made again from the keystore.
  [[nodiscard]] Result<void> write_keystore(const UnlockedKeystore& keystore,
                                            const crypto::SecretBytes& passphrase) const;

 private:
  [[nodiscard]] std::optional<std::string> leftover() const;
  [[nodiscard]] Result<Json> accounts_file() const;
  std::string directory_;
};

}  // namespace peerpay::wallet::cli
