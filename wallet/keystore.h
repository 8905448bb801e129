#pragma once
// What a keystore file holds once it is open: a short text that a person can use without peerpay.
//
//   peerpay-wallet 1
//   # Whoever reads this can spend the money. The words alone restore every "account" line.
//   network: test
//   mnemonic: abandon abandon ... art
//   account: main m/44'/1'/0'
//   key: faucet 000102...1f
//
// The file itself is this text in an age passphrase file (age.h).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/expected.h"
#include "crypto/keys.h"
#include "ledger/genesis.h"
#include "ledger/ids.h"

namespace peerpay::wallet {

inline constexpr std::size_t kAccountNameLengthMax = 32;
inline constexpr std::size_t kKeystoreEntriesMax = 1000;

// "main" or "test".
[[nodiscard]] std::string_view network_kind_text(ledger::NetworkKind kind);
[[nodiscard]] std::optional<ledger::NetworkKind> parse_network_kind(std::string_view text);

// 1 to 32 of a-z 0-9 - _, first a letter or digit.
[[nodiscard]] bool is_account_name(std::string_view name);

struct DerivedAccount {
  std::uint32_t number = 0;  // below kAccountsMax: m/44'/coin'/number'
};

struct KeystoreEntry {
  std::string name;
  std::variant<DerivedAccount, crypto::SecretKey> source;  // of the words, or imported
};

struct Keystore {
  ledger::NetworkKind network = ledger::NetworkKind::kTest;  // decides the coin of the paths
  crypto::SecretBytes mnemonic;                              // canonical
  std::vector<KeystoreEntry> entries;                        // names differ

  [[nodiscard]] const KeystoreEntry* entry(std::string_view name) const;
  // One above the highest derived account.
  [[nodiscard]] std::uint32_t next_account_number() const;
};

[[nodiscard]] crypto::SecretBytes encode(const Keystore& keystore);
// One sentence on failure; it never repeats a part of the text.
[[nodiscard]] base::Expected<Keystore, std::string> parse_keystore(std::string_view text);

// The key of an entry. Empty with probability 2^-127.
// REQUIRES: `entry` belongs to `keystore`.
[[nodiscard]] std::optional<crypto::SecretKey> entry_key(const Keystore& keystore,
                                                         const KeystoreEntry& entry);

// What may be known without the passphrase.
struct PublicAccount {
  std::string name;
  ledger::AccountId id;
  std::string origin;  // "m/44'/1'/0'", or "imported"
  friend bool operator==(const PublicAccount&, const PublicAccount&) = default;
};
// All entries, in order. Takes a few milliseconds for the words, then about 0.1 ms an entry.
[[nodiscard]] std::vector<PublicAccount> public_accounts(const Keystore& keystore);

}  // namespace peerpay::wallet
