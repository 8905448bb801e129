// peerpay init: the network is pinned, the words are made or restored, the keystore is written.
#include <algorithm>
#include <array>
#include <set>

#include "base/os/entropy.h"
#include "base/os/file.h"
#include "wallet/cli/commands.h"
#include "wallet/cli/payment_sender.h"
#include "wallet/cli/private_file.h"
#include "wallet/mnemonic.h"
#include "wallet/secret.h"

namespace peerpay::wallet::cli {
namespace {

constexpr std::size_t kWordsAsked = 3;
constexpr std::size_t kWordsPerRow = 6;

struct Pinned {
  base::Bytes bytes;
  Network network;
};

Result<base::Bytes> genesis_bytes(const Context& context, const InitArguments& arguments) {
  if (arguments.genesis_file) {
    auto content = os::read_file(*arguments.genesis_file, kGenesisBytesMax);
    if (!content) return io_failed(content.error());
    return *std::move(content);
  }
  const auto client = connect(context);
  if (!client) return base::Unexpected{client.error()};
  auto answer = (*client)->genesis();
  if (!answer) return node_failed(answer.error());
  return std::move(answer->genesis);
}

// The chain id is computed here: what the node says about it does not matter.
Result<Pinned> choose_network(const Context& context, const InitArguments& arguments) {
  auto bytes = genesis_bytes(context, arguments);
  if (!bytes) return base::Unexpected{bytes.error()};
  auto network = read_network(*bytes, arguments.genesis_file.value_or("The node's genesis"));
  if (!network) return base::Unexpected{network.error()};
  const auto chain = base::to_hex(network->chain.view());
  if (arguments.chain_id && *arguments.chain_id != chain) {
    return fail(ExitCode::kError, "chain_id_wrong",
                "The genesis has chain id " + chain + ", not " + *arguments.chain_id + ".",
                "check --chain-id, --node and --genesis");
  }
  return Pinned{*std::move(bytes), *std::move(network)};
}

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
      "the money; they are not shown again.\n");
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

Result<void> keep_settings(const Context& context) {
  if (!context.flags.node && !context.flags.tls_ca) return {};
  auto config = context.home.config();
  if (!config) return base::Unexpected{config.error()};
  if (context.flags.node) config->node = context.flags.node;
  if (context.flags.tls_ca) config->tls_ca = context.flags.tls_ca;
  return context.home.write_config(*config);
}

// The keystore comes last: its being there is what makes the wallet exist.
Result<void> write_wallet(const Context& context, const Pinned& pinned, UnlockedKeystore keystore,
                          const crypto::SecretBytes& passphrase) {
  if (const auto pin = context.home.pin_network(pinned.bytes); !pin) return pin;
  if (const auto kept = keep_settings(context); !kept) return kept;
  return context.home.write_keystore(keystore, passphrase);
}

CommandResult report(const Context& context, const InitArguments& arguments,
                     const Network& network) {
  const auto account = context.home.account(arguments.account);
  if (!account) return base::Unexpected{account.error()};
  const auto chain = base::to_hex(network.chain.view());
  const auto address = address_of(network, account->id);
  Report out;
  out.json = Json::Object{{"home", context.home.directory()},
                          {"network", network.genesis.network},
                          {"chain_id", chain},
                          {"account", account->name},
                          {"address", address}};
  out.text = "wallet    " + context.home.directory() + "\nnetwork   " + network.genesis.network +
             "\nchain id  " + chain + "\naddress   " + address + "\n";
  out.next = "compare the chain id with one from a source you trust; then: peerpay address";
  if (!context.console.is_interactive() && !arguments.is_restore) {
    out.next += "\n       back up the recovery words: peerpay keys export --words";
  }
  return out;
}

}  // namespace

CommandResult run_init(const Context& context, const InitArguments& arguments) {
  if (!is_account_name(arguments.account)) {
    return fail(ExitCode::kUsage, "name_malformed",
                "An account name is 1 to 32 of a-z 0-9 - _, first a letter or digit.");
  }
  if (context.home.is_initialized()) {
    return fail(ExitCode::kError, "wallet_exists",
                "There is a wallet in " + context.home.directory() + " already.",
                "choose another --home; an existing wallet is never overwritten");
  }
  const auto pinned = choose_network(context, arguments);
  if (!pinned) return base::Unexpected{pinned.error()};
  if (const auto created = context.home.create(); !created)
    return base::Unexpected{created.error()};
  const auto lock = lock_home(context.home);
  if (!lock) return base::Unexpected{lock.error()};

  auto words = choose_words(context, arguments);
  if (!words) return base::Unexpected{words.error()};
  const auto passphrase = new_passphrase(context.console, context.flags.passphrase);
  if (!passphrase) return base::Unexpected{passphrase.error()};
  Keystore keystore;
  keystore.network = pinned->network.genesis.kind;
  keystore.mnemonic = *std::move(words);
  keystore.entries.push_back({arguments.account, DerivedAccount{0}});
  const auto written =
      write_wallet(context, *pinned, {std::move(keystore), arguments.work_factor}, *passphrase);
  if (!written) return base::Unexpected{written.error()};
  return report(context, arguments, pinned->network);
}

}  // namespace peerpay::wallet::cli
