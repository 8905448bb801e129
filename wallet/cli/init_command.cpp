// peerpay init: the network is pinned, the words are made or restored, the keystore is written. In
// a wallet that was made before its network: only the network is pinned.
#include <algorithm>
#include <array>
#include <set>

#include "base/os/entropy.h"
#include "wallet/cli/commands.h"
#include "wallet/cli/private_file.h"
#include "wallet/mnemonic.h"
#include "wallet/secret.h"

namespace peerpay::wallet::cli {
namespace {

constexpr std::size_t kWordsAsked = 3;
constexpr std::size_t kWordsPerRow = 6;

Result<crypto::SecretBytes> new_words() {
  crypto::SecretBytes entropy{kEntropyBytesPerWallet};
  if (const auto filled = os::fill_with_entropy(entropy.mutable_view()); !filled) {
    return io_failed(filled.error());
  }
  return mnemonic_from_entropy(entropy.view());
}

Result<crypto::SecretBytes> restored_words(Console& console) {
  const auto typed =
      console.is_interactive() ? console.ask_hidden("Recovery words: ") : read_stdin();
  if (!typed) return base::Unexpected{typed.error()};
  auto words = parse_mnemonic(secret_text(*typed));
  if (!words) return fail(ExitCode::kUsage, "words_invalid", words.error().sentence());
  return *std::move(words);
}

void show_words(Console& console, const crypto::SecretBytes& words) {
  console.message(
      "\nThese words restore the wallet. Write them down on paper, in order. Whoever has them has\n"
      "the money. With the passphrase, peerpay keys export --words shows them again.\n");
  const auto count = mnemonic_word_count(words);
  for (std::size_t number = 1; number <= count; ++number) {
    const auto label = std::to_string(number);
    console.show_secret(std::string(4 - label.size(), ' ') + label + " ");
    const auto word = mnemonic_word(words, number);
    console.show_secret(word);
    console.show_secret(std::string(9 - word.size(), ' '));
    if (number % kWordsPerRow == 0) console.show_secret("\n");
  }
  console.show_secret("\n");
}

Result<std::set<std::size_t>> words_to_ask(std::size_t count) {
  std::set<std::size_t> out;
  while (out.size() < kWordsAsked) {
    std::array<std::uint8_t, 1> byte{};
    if (const auto filled = os::fill_with_entropy(byte); !filled) return io_failed(filled.error());
    out.insert(byte[0] % count + 1);
  }
  return out;
}

Result<void> check_backup(Console& console, const crypto::SecretBytes& words) {
  const auto numbers = words_to_ask(mnemonic_word_count(words));
  if (!numbers) return base::Unexpected{numbers.error()};
  for (const auto number : *numbers) {
    while (true) {
      const auto typed = console.ask_visible("Word " + std::to_string(number) + ": ");
      if (!typed) return base::Unexpected{typed.error()};
      if (secret_text(*typed) == mnemonic_word(words, number)) break;
      console.message("That is another word. Look at what you wrote down.");
    }
  }
  return {};
}

Result<crypto::SecretBytes> choose_words(const Context& context, const InitArguments& arguments) {
  if (arguments.is_restore) return restored_words(context.console);
  auto words = new_words();
  if (!words || !context.console.is_interactive()) return words;
  show_words(context.console, *words);
  if (context.flags.is_assumed_yes) return words;
  if (const auto checked = check_backup(context.console, *words); !checked) {
    return base::Unexpected{checked.error()};
  }
  return words;
}

std::string next_step(const Context& context, const InitArguments& arguments) {
  std::string out = "compare the chain id with one from a source you trust; then: peerpay address";
  if (arguments.kind) {
    out =
        "peerpay address, for whoever makes the genesis; when the network runs, any command with\n"
        "       --node HOST:PORT takes it, or: peerpay init --genesis FILE";
  }
  if (!context.console.is_interactive() && !arguments.is_restore) {
    out += "\n       back up the recovery words: peerpay keys export --words";
  }
  return out;
}

// `network` is null while there is none.
CommandResult report(const Context& context, const Network* network, std::string next) {
  const auto accounts = context.home.accounts();
  if (!accounts) return base::Unexpected{accounts.error()};
  const auto kind = context.home.network_kind();
  if (!kind) return base::Unexpected{kind.error()};
  const auto& account = accounts->front();
  const auto address = address_of(*kind, account.id);
  Json::Object json{{"home", context.home.directory()}, {"kind", network_kind_text(*kind)}};
  Report out;
  out.text = "wallet    " + context.home.directory() + "\n";
  if (network != nullptr) {
    const auto chain = base::to_hex(network->chain.view());
    json.emplace_back("network", network->genesis.network);
    json.emplace_back("chain_id", chain);
    out.text += "network   " + network->genesis.network + "\nchain id  " + chain + "\n";
  } else {
    out.text += "network   none yet, of kind \"" + std::string{network_kind_text(*kind)} + "\"\n";
  }
  json.emplace_back("account", account.name);
  json.emplace_back("address", address);
  out.text += "address   " + address + "\n";
  out.json = std::move(json);
  out.next = std::move(next);
  return out;
}

base::Unexpected<Failure> wallet_exists(const Context& context) {
  return fail(ExitCode::kError, "wallet_exists",
              "There is a wallet in " + context.home.directory() + " already.",
              "choose another --home; an existing wallet is never overwritten");
}

// A wallet that was made before its network.
CommandResult join(const Context& context, const InitArguments& arguments) {
  const auto lock = lock_home(context.home);
  if (!lock) return base::Unexpected{lock.error()};
  const bool is_new_wanted = arguments.kind || arguments.is_restore;
  if (is_new_wanted || context.home.has_network()) return wallet_exists(context);
  const auto network = join_network(context, arguments.network);
  if (!network) return base::Unexpected{network.error()};
  return report(context, &*network,
                "compare the chain id with one from a source you trust; then: peerpay balance");
}

}  // namespace

CommandResult run_init(const Context& context, const InitArguments& arguments) {
  if (!is_account_name(arguments.account)) {
    return fail(ExitCode::kUsage, "name_malformed",
                "An account name is 1 to 32 of a-z 0-9 - _, first a letter or digit.");
  }
  if (context.home.is_initialized()) return join(context, arguments);
  if (const auto gone = context.home.check_no_leftover(); !gone) {
    return base::Unexpected{gone.error()};
  }
  std::optional<FoundNetwork> found;
  if (!arguments.kind) {
    auto chosen = find_network(context, arguments.network);
    if (!chosen) return base::Unexpected{chosen.error()};
    found = *std::move(chosen);
  }
  if (const auto created = context.home.create(); !created)
    return base::Unexpected{created.error()};
  const auto lock = lock_home(context.home);
  if (!lock) return base::Unexpected{lock.error()};

  auto words = choose_words(context, arguments);
  if (!words) return base::Unexpected{words.error()};
  const auto passphrase = new_passphrase(context.console, context.flags.passphrase);
  if (!passphrase) return base::Unexpected{passphrase.error()};
  Keystore keystore;
  keystore.network = found ? found->network.genesis.kind : *arguments.kind;
  keystore.mnemonic = *std::move(words);
  keystore.entries.push_back({arguments.account, DerivedAccount{0}});
  if (found) {
    if (const auto kept = keep_network(context, *found); !kept)
      return base::Unexpected{kept.error()};
  }
  // It comes last: its being there is what makes the wallet exist.
  const auto written =
      context.home.write_keystore({std::move(keystore), arguments.work_factor}, *passphrase);
  if (!written) return base::Unexpected{written.error()};
  return report(context, found ? &found->network : nullptr, next_step(context, arguments));
}

}  // namespace peerpay::wallet::cli
