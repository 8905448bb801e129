#include "wallet/keystore.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/check.h"
#include "wallet/derivation.h"
#include "wallet/mnemonic.h"
#include "wallet/secret.h"

namespace peerpay::wallet {
namespace {

constexpr std::string_view kFirstLine = "peerpay-wallet 1";
constexpr std::string_view kNote =
    "# Whoever reads this can spend the money. The words alone restore every \"account\" line.";
constexpr std::string_view kImported = "imported";

base::Unexpected<std::string> refuse(std::size_t line, std::string_view reason) {
  return base::Unexpected{"Line " + std::to_string(line) +
                          " of the keystore: " + std::string{reason}};
}

// "m/44'/1'/" for the path "m/44'/1'/0'".
std::string path_prefix(ledger::NetworkKind kind) {
  const auto first = path_text(account_path(kind, 0));
  return first.substr(0, first.size() - std::string_view{"0'"}.size());
}

std::optional<DerivedAccount> parse_path(ledger::NetworkKind kind, std::string_view path) {
  const auto prefix = path_prefix(kind);
  if (!path.starts_with(prefix) || !path.ends_with('\'')) return std::nullopt;
  const auto digits = path.substr(prefix.size(), path.size() - prefix.size() - 1);
  DerivedAccount out;
  const auto* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, out.number);
  if (parsed.ec != std::errc{} || parsed.ptr != end || out.number >= kAccountsMax) {
    return std::nullopt;
  }
  if (path_text(account_path(kind, out.number)) != path) return std::nullopt;  // "00'"
  return out;
}

std::optional<crypto::SecretKey> parse_key(std::string_view hex) {
  auto bytes = base::from_hex(hex);
  if (!bytes) return std::nullopt;
  const crypto::SecretBytes wiped{*std::move(bytes)};
  return crypto::SecretKey::from_bytes(wiped.view());
}

// Reads the lines in any order after the first; each fills one part of the keystore.
class Parser {
 public:
  base::Expected<void, std::string> line(std::string_view text) {
    ++number_;
    if (number_ == 1) return first_line(text);
    if (text.empty() || text[0] == '#') return {};
    const auto colon = text.find(": ");
    if (colon == std::string_view::npos) return refuse(number_, "\"name: value\" is expected.");
    const auto field = text.substr(0, colon);
    const auto value = text.substr(colon + 2);
    if (field == "network") return network(value);
    if (field == "mnemonic") return mnemonic(value);
    if (field == "account" || field == "key") return entry(field, value);
    return refuse(number_, "the field is not known to this version.");
  }

  base::Expected<Keystore, std::string> finish() && {
    if (number_ == 0) return base::Unexpected{std::string{"The keystore is empty."}};
    if (!has_network_) return base::Unexpected{std::string{"The keystore names no network."}};
    if (out_.mnemonic.view().empty()) {
      return base::Unexpected{std::string{"The keystore holds no recovery words."}};
    }
    return std::move(out_);
  }

 private:
  base::Expected<void, std::string> first_line(std::string_view text) {
    if (text == kFirstLine) return {};
    return refuse(number_,
                  "\"peerpay-wallet 1\" is expected: this is no keystore of this version.");
  }

  base::Expected<void, std::string> network(std::string_view value) {
    if (has_network_) return refuse(number_, "the network is named twice.");
    has_network_ = true;
    const auto kind = parse_network_kind(value);
    if (!kind) return refuse(number_, "the network is \"main\" or \"test\".");
    out_.network = *kind;
    return {};
  }

  base::Expected<void, std::string> mnemonic(std::string_view value) {
    if (!out_.mnemonic.view().empty()) return refuse(number_, "there are words already.");
    auto words = parse_mnemonic(value);
    if (!words) return refuse(number_, words.error().sentence());
    out_.mnemonic = *std::move(words);
    return {};
  }

  base::Expected<void, std::string> entry(std::string_view field, std::string_view value) {
    if (!has_network_) return refuse(number_, "the network must be named before the accounts.");
    if (out_.entries.size() == kKeystoreEntriesMax) return refuse(number_, "too many accounts.");
    const auto space = std::min(value.find(' '), value.size());
    const auto name = value.substr(0, space);
    const auto source = value.substr(std::min(space + 1, value.size()));
    if (!is_account_name(name)) return refuse(number_, "the name is not allowed.");
    if (out_.entry(name) != nullptr) return refuse(number_, "the name is used twice.");
    if (field == "account") {
      const auto derived = parse_path(out_.network, source);
      if (!derived) return refuse(number_, "the path is not an account of this network.");
      out_.entries.push_back({std::string{name}, *derived});
      return {};
    }
    auto key = parse_key(source);
    if (!key) return refuse(number_, "the key is not 64 hexadecimal digits of a valid key.");
    out_.entries.push_back({std::string{name}, *std::move(key)});
    return {};
  }

  Keystore out_;
  std::size_t number_ = 0;
  bool has_network_ = false;
};

// Collects lines and keeps every growing step in memory that is wiped.
class Lines {
 public:
  void add(std::initializer_list<std::string_view> parts) {
    crypto::SecretBytes line;
    for (const auto part : parts) line = secret_concat({line.view(), base::as_bytes(part)});
    text_ = secret_concat({text_.view(), line.view(), base::as_bytes("\n")});
  }
  crypto::SecretBytes take() && { return std::move(text_); }

 private:
  crypto::SecretBytes text_;
};

std::optional<crypto::SecretKey> key_from(const crypto::SecretBytes& seed, ledger::NetworkKind kind,
                                          const KeystoreEntry& entry) {
  if (const auto* derived = std::get_if<DerivedAccount>(&entry.source)) {
    return account_key(seed.view(), kind, derived->number);
  }
  return crypto::SecretKey::from_bytes(std::get<crypto::SecretKey>(entry.source).reveal());
}

std::string origin_text(ledger::NetworkKind kind, const KeystoreEntry& entry) {
  const auto* derived = std::get_if<DerivedAccount>(&entry.source);
  return derived != nullptr ? path_text(account_path(kind, derived->number))
                            : std::string{kImported};
}

}  // namespace

std::string_view network_kind_text(ledger::NetworkKind kind) {
  switch (kind) {
    case ledger::NetworkKind::kMain: return "main";
    case ledger::NetworkKind::kTest: return "test";
  }
  PEERPAY_UNREACHABLE("a network is main or test");
}

std::optional<ledger::NetworkKind> parse_network_kind(std::string_view text) {
  for (const auto kind : {ledger::NetworkKind::kMain, ledger::NetworkKind::kTest}) {
    if (text == network_kind_text(kind)) return kind;
  }
  return std::nullopt;
}

bool is_account_name(std::string_view name) {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  const auto is_allowed = [&](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; };
  return !name.empty() && name.size() <= kAccountNameLengthMax && is_alphanumeric(name[0]) &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

const KeystoreEntry* Keystore::entry(std::string_view name) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [name](const KeystoreEntry& e) { return e.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

std::uint32_t Keystore::next_account_number() const {
  std::uint32_t next = 0;
  for (const auto& one : entries) {
    const auto* derived = std::get_if<DerivedAccount>(&one.source);
    if (derived != nullptr) next = std::max(next, derived->number + 1);
  }
  return next;
}

crypto::SecretBytes encode(const Keystore& keystore) {
  Lines lines;
  lines.add({kFirstLine});
  lines.add({kNote});
  lines.add({"network: ", network_kind_text(keystore.network)});
  lines.add({"mnemonic: ", secret_text(keystore.mnemonic)});
  for (const auto& entry : keystore.entries) {
    const auto* key = std::get_if<crypto::SecretKey>(&entry.source);
    if (key == nullptr) {
      lines.add({"account: ", entry.name, " ", origin_text(keystore.network, entry)});
      continue;
    }
    const auto hex = secret_hex(key->reveal());
    lines.add({"key: ", entry.name, " ", secret_text(hex)});
  }
  return std::move(lines).take();
}

base::Expected<Keystore, std::string> parse_keystore(std::string_view text) {
  Parser parser;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto parsed = parser.line(text.substr(0, end)); !parsed) {
      return base::Unexpected{parsed.error()};
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(parser).finish();
}

std::optional<crypto::SecretKey> entry_key(const Keystore& keystore, const KeystoreEntry& entry) {
  return key_from(seed_from_mnemonic(keystore.mnemonic), keystore.network, entry);
}

std::vector<PublicAccount> public_accounts(const Keystore& keystore) {
  const auto seed = seed_from_mnemonic(keystore.mnemonic);
  std::vector<PublicAccount> out;
  for (const auto& entry : keystore.entries) {
    const auto key = key_from(seed, keystore.network, entry);
    if (!key) continue;
    out.push_back({.name = entry.name,
                   .id = ledger::account_of(key->public_key()),
                   .origin = origin_text(keystore.network, entry)});
  }
  return out;
}

}  // namespace peerpay::wallet
