// peerpay keys: the accounts of a wallet.
#include <algorithm>

#include "wallet/cli/commands.h"
#include "wallet/cli/private_file.h"
#include "wallet/derivation.h"
#include "wallet/secret.h"

namespace peerpay::wallet::cli {
namespace {

struct Opened {
  crypto::SecretBytes passphrase;
  UnlockedKeystore keystore;
};

Result<Opened> open(const Context& context) {
  if (const auto network = context.home.network(); !network) {
    return base::Unexpected{network.error()};
  }
  auto passphrase = existing_passphrase(context.console, context.flags.passphrase);
  if (!passphrase) return base::Unexpected{passphrase.error()};
  auto keystore = context.home.open_keystore(*passphrase);
  if (!keystore) return base::Unexpected{keystore.error()};
  return Opened{*std::move(passphrase), *std::move(keystore)};
}

Result<void> check_new_name(const Keystore& keystore, const std::string& name) {
  if (!is_account_name(name)) {
    return fail(ExitCode::kUsage, "name_malformed",
                "An account name is 1 to 32 of a-z 0-9 - _, first a letter or digit.");
  }
  if (keystore.entry(name) != nullptr) {
    return fail(ExitCode::kUsage, "name_taken", "There is an account \"" + name + "\" already.",
                "peerpay keys ls");
  }
  if (keystore.entries.size() >= kKeystoreEntriesMax) {
    return fail(ExitCode::kError, "accounts_full", "A wallet holds at most 1000 accounts.");
  }
  return {};
}

Json account_json(const Network& network, const PublicAccount& account) {
  return Json::Object{{"name", account.name},
                      {"address", address_of(network, account.id)},
                      {"account_id", base::to_hex(account.id.view())},
                      {"origin", account.origin}};
}

CommandResult report_one(const Context& context, const std::string& name) {
  const auto network = context.home.network();
  if (!network) return base::Unexpected{network.error()};
  const auto account = context.home.account(name);
  if (!account) return base::Unexpected{account.error()};
  Report out;
  out.json = account_json(*network, *account);
  out.text = "name     " + account->name + "\naddress  " + address_of(*network, account->id) +
             "\nid       " + base::to_hex(account->id.view()) + "\norigin   " + account->origin +
             "\n";
  return out;
}

CommandResult add_entry(const Context& context, Opened opened, KeystoreEntry entry) {
  const auto name = entry.name;
  opened.keystore.content.entries.push_back(std::move(entry));
  const auto written = context.home.write_keystore(opened.keystore, opened.passphrase);
  if (!written) return base::Unexpected{written.error()};
  return report_one(context, name);
}

Result<crypto::SecretBytes> typed_key(const Context& context,
                                      const KeysImportArguments& arguments) {
  if (arguments.file) return read_secret_input(*arguments.file, kInputBytesMax);
  if (context.console.is_interactive()) return context.console.ask_hidden("Secret key (hex): ");
  return read_stdin();
}

Result<crypto::SecretKey> parse_key(const crypto::SecretBytes& typed) {
  auto text = secret_text(typed);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  auto bytes = base::from_hex(text);
  const crypto::SecretBytes wiped{bytes ? *std::move(bytes) : base::Bytes{}};
  auto key = crypto::SecretKey::from_bytes(wiped.view());
  if (!key) {
    return fail(ExitCode::kUsage, "key_malformed",
                "A secret key is 64 hexadecimal digits, and not every number is one.");
  }
  return *std::move(key);
}

// Showing a secret is the one thing that can't be taken back.
Result<void> confirm_export(const Context& context) {
  if (context.flags.is_assumed_yes) return {};
  if (!context.console.is_interactive()) {
    return fail(ExitCode::kUsage, "confirmation_missing", "There is no terminal to confirm on.",
                "add --yes");
  }
  const auto agreed =
      context.console.confirm("Whoever sees what is printed next can spend the money. Print it?");
  if (!agreed) return base::Unexpected{agreed.error()};
  if (*agreed) return {};
  return fail(ExitCode::kError, "declined", "Nothing was printed.");
}

Result<crypto::SecretBytes> secret_of(const Keystore& keystore,
                                      const std::optional<std::string>& name) {
  if (!name) return secret_concat({keystore.mnemonic.view()});
  const auto* entry = keystore.entry(*name);
  if (entry == nullptr) {
    return fail(ExitCode::kUsage, "account_unknown",
                "This wallet has no account \"" + *name + "\".", "peerpay keys ls");
  }
  const auto key = entry_key(keystore, *entry);
  if (!key) return fail(ExitCode::kError, "key_missing", "This account has no key.");
  return secret_hex(key->reveal());
}

}  // namespace

CommandResult run_keys_new(const Context& context, const NamedAccount& arguments) {
  const auto lock = lock_home(context.home);
  if (!lock) return base::Unexpected{lock.error()};
  auto opened = open(context);
  if (!opened) return base::Unexpected{opened.error()};
  const auto& keystore = opened->keystore.content;
  if (const auto checked = check_new_name(keystore, arguments.name); !checked) {
    return base::Unexpected{checked.error()};
  }
  const auto number = keystore.next_account_number();
  if (number >= kAccountsMax) {
    return fail(ExitCode::kError, "accounts_full", "A wallet holds at most 1000 accounts.");
  }
  return add_entry(context, *std::move(opened), {arguments.name, DerivedAccount{number}});
}

CommandResult run_keys_ls(const Context& context) {
  const auto network = context.home.network();
  if (!network) return base::Unexpected{network.error()};
  const auto accounts = context.home.accounts();
  if (!accounts) return base::Unexpected{accounts.error()};
  std::size_t width = 0;
  for (const auto& account : *accounts) width = std::max(width, account.name.size());
  Report out;
  Json::Array list;
  for (const auto& account : *accounts) {
    list.push_back(account_json(*network, account));
    out.text += account.name + std::string(width + 2 - account.name.size(), ' ') +
                address_of(*network, account.id) + "  " + account.origin + "\n";
  }
  out.json = Json::Object{{"accounts", std::move(list)}};
  return out;
}

CommandResult run_keys_show(const Context& context, const NamedAccount& arguments) {
  return report_one(context, arguments.name);
}

CommandResult run_keys_import(const Context& context, const KeysImportArguments& arguments) {
  const auto lock = lock_home(context.home);
  if (!lock) return base::Unexpected{lock.error()};
  const auto typed = typed_key(context, arguments);
  if (!typed) return base::Unexpected{typed.error()};
  auto key = parse_key(*typed);
  if (!key) return base::Unexpected{key.error()};
  auto opened = open(context);
  if (!opened) return base::Unexpected{opened.error()};
  if (const auto checked = check_new_name(opened->keystore.content, arguments.name); !checked) {
    return base::Unexpected{checked.error()};
  }
  auto result = add_entry(context, *std::move(opened), {arguments.name, *std::move(key)});
  if (result)
    result->next = "the recovery words do not restore an imported key: back up the keystore";
  return result;
}

CommandResult run_keys_export(const Context& context, const KeysExportArguments& arguments) {
  if (const auto confirmed = confirm_export(context); !confirmed) {
    return base::Unexpected{confirmed.error()};
  }
  const auto opened = open(context);
  if (!opened) return base::Unexpected{opened.error()};
  const auto secret = secret_of(opened->keystore.content, arguments.name);
  if (!secret) return base::Unexpected{secret.error()};
  // Neither digits nor words need escapes in JSON.
  const std::string member = arguments.name ? "secret_key" : "mnemonic";
  const auto before = context.flags.is_json ? "{\"" + member + "\":\"" : std::string{};
  const auto after = std::string{context.flags.is_json ? "\"}" : ""} + "\n";
  Report out;
  out.secret = secret_concat({base::as_bytes(before), secret->view(), base::as_bytes(after)});
  return out;
}

CommandResult run_keys_repair(const Context& context) {
  const auto lock = lock_home(context.home);
  if (!lock) return base::Unexpected{lock.error()};
  const auto opened = open(context);
  if (!opened) return base::Unexpected{opened.error()};
  const auto written = context.home.write_keystore(opened->keystore, opened->passphrase);
  if (!written) return base::Unexpected{written.error()};
  return run_keys_ls(context);
}

}  // namespace peerpay::wallet::cli
