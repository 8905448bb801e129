#include "wallet/cli/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <functional>
#include <numeric>
#include <optional>
#include <sstream>
#include <utility>

#include "wallet/cli/commands.h"
#include "wallet/cli/console.h"
#include "wallet/cli/home.h"
#include "wallet/cli/interruption.h"
#include "wallet/secret.h"
#include "wallet/text.h"

namespace peerpay::wallet::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  peerpay init --node 127.0.0.1:7101        make a wallet for the network of this node
  peerpay address --tag 42                  where others pay you
  peerpay send tpeer1... 12.50 USD --ref INV-7
  peerpay history --json
  peerpay receipt get ID                    proof of payment that anyone can check offline

Exit codes: 0 done, 1 error, 2 usage, 3 refused, 4 locked, 5 network,
6 outcome unknown (repeating the same command is safe), 7 expired and never applied,
130 interrupted.)";

constexpr const char* kInitExamples = R"(Examples:
  peerpay init --node 127.0.0.1:7101        ask a node for its network, and trust it this once
  peerpay init --genesis genesis.bcs        trust a file instead
  peerpay init --restore --node HOST:PORT   type in the recovery words of another wallet)";

constexpr const char* kSendExamples = R"(Examples:
  peerpay send tpeer1... 12.50 USD --ref INV-7 --memo "two coffees"
  peerpay send tpeer1... 12.50 USD --dry-run          show what would be signed
  peerpay send tpeer1... 12.50 USD --yes --json --passphrase-file FILE

While the end of a payment is unknown, the same command finishes it and never makes a second
one. After its end, the same command is a new payment.)";

constexpr const char* kResumeNotes =
    R"(The exit code is that of the worst payment: 6 when an end is open, else 7 when one expired,
else 3 when one was refused, else 0.)";

constexpr const char* kKeysExamples = R"(Examples:
  peerpay keys new savings                  the next account of the recovery words
  peerpay keys import faucet --file key.hex
  peerpay keys export --words               back up the wallet on paper
  age -d HOME/keystore.age                  the same without peerpay)";

constexpr const char* kReceiptExamples = R"(Examples:
  peerpay receipt get ID -o invoice-7.receipt
  peerpay receipt verify invoice-7.receipt --genesis genesis.bcs    no wallet, no network)";

using Command = std::function<CommandResult(const Context&)>;

// CLI11 would read "-1" as the largest number.
std::optional<std::uint64_t> parse_tag(std::string_view text) {
  std::uint64_t out = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, out);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return out;
}

// Insertions, deletions and replacements between two words (Wagner and Fischer).
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row[b.size()];
}

// One member per command: its arguments live as long as the parser that fills them.
class CommandLine {
 public:
  CommandLine() {
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.footer(kExamples);
    app_.set_version_flag("--version", "peerpay " PEERPAY_VERSION);
    add_global_flags();
    add_init();
    add_keys();
    add_looking();
    add_send();
    add_receipt();
    add("version", "Print the version", app_, [](const Context&) { return run_version(); });
  }
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // Empty when only help was asked for, which is then in `help`.
  Result<std::optional<Command>> parse(std::vector<std::string> arguments, std::string& help) {
    const auto typed = arguments.empty() ? std::string{} : arguments.front();
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      std::ostringstream out;
      std::ostringstream ignored;
      if (app_.exit(error, out, ignored) == 0) {
        help = out.str() + "\n";
        return std::optional<Command>{};
      }
      return usage_failure(typed, error.what());
    }
    return std::optional{chosen_};
  }

  const GlobalFlags& flags() const { return flags_; }

 private:
  // A mistyped command gets the one that was probably meant.
  base::Unexpected<Failure> usage_failure(const std::string& typed,
                                          const std::string& reason) const {
    const auto commands = app_.get_subcommands([](const CLI::App*) { return true; });
    const auto is_known = [&](const CLI::App* one) { return one->get_name() == typed; };
    const bool is_command = std::any_of(commands.begin(), commands.end(), is_known);
    if (typed.empty() || typed[0] == '-' || is_command) {
      return fail(ExitCode::kUsage, "usage", reason + ".",
                  is_command ? "peerpay " + typed + " --help" : "peerpay --help");
    }
    std::string next = "peerpay --help";
    for (const auto* one : commands) {
      if (edit_distance(typed, one->get_name()) <= 2) next = "peerpay " + one->get_name();
    }
    return fail(ExitCode::kUsage, "usage", "There is no command \"" + typed + "\".", next);
  }

  CLI::App& add(const std::string& name, const std::string& description, CLI::App& parent,
                Command command) {
    auto& sub = *parent.add_subcommand(name, description);
    sub.fallthrough();
    sub.callback([this, command = std::move(command)] { chosen_ = command; });
    return sub;
  }

  static void add_duration(CLI::App& app, const std::string& name, base::Duration& target,
                           const std::string& description) {
    app.add_option_function<std::string>(
        name,
        [&target, name](const std::string& text) {
          const auto duration = parse_duration(text);
          if (!duration) throw CLI::ValidationError(name, "a number and s, m, h or d is expected");
          target = *duration;
        },
        description);
  }

  void add_global_flags() {
    app_.add_flag("--json", flags_.is_json, "One JSON object on stdout, errors included");
    app_.add_flag("--yes,-y", flags_.is_assumed_yes, "Do not ask for confirmation");
    app_.add_option(
        "--node", flags_.node,
        "HOST:PORT of a node: plain text on this machine, TLS elsewhere (PEERPAY_NODE)");
    app_.add_option("--tls-ca", flags_.tls_ca, "PEM file to check the node's certificate against");
    app_.add_option("--home", flags_.home, "Directory of the wallet (PEERPAY_HOME)");
    app_.add_option("--passphrase-file", flags_.passphrase.file, "File with the passphrase");
    app_.add_option("--passphrase-fd", flags_.passphrase.descriptor,
                    "Open descriptor to read the passphrase from")
        ->check(CLI::Range(0, 1023));
  }

  void add_init() {
    auto& sub = add("init", "Make a wallet, or restore one from its words", app_,
                    [this](const Context& context) { return run_init(context, init_); });
    sub.footer(kInitExamples);
    sub.add_option("--genesis", init_.genesis_file,
                   "Genesis file of the network; else --node is asked");
    sub.add_option("--chain-id", init_.chain_id, "Refuse a network with another chain id");
    sub.add_flag("--restore", init_.is_restore, "Read recovery words (stdin when no terminal)");
    sub.add_option("--account", init_.account, "Name of the first account")->capture_default_str();
    sub.add_option("--work-factor", init_.work_factor.log2_n,
                   "log2 of scrypt's N: less is faster and weaker")
        ->check(CLI::Range(10U, kAgeWorkFactorMax.log2_n))
        ->capture_default_str();
  }

  void add_keys() {
    auto& keys = *app_.add_subcommand("keys", "Accounts of the wallet");
    keys.require_subcommand(1);
    keys.fallthrough();
    keys.footer(kKeysExamples);
    auto& make = add("new", "Add the next account of the recovery words", keys,
                     [this](const Context& context) { return run_keys_new(context, account_); });
    make.add_option("NAME", account_.name)->required();
    add("ls", "List accounts", keys, [](const Context& context) { return run_keys_ls(context); });
    auto& show = add("show", "Show one account", keys,
                     [this](const Context& context) { return run_keys_show(context, account_); });
    show.add_option("NAME", account_.name)->required();
    auto& import =
        add("import", "Add a secret key (hex) that the words do not restore", keys,
            [this](const Context& context) { return run_keys_import(context, import_); });
    import.add_option("NAME", import_.name)->required();
    import.add_option("--file", import_.file, "Read it from a file; else stdin, or a question");
    auto& exported =
        *keys.add_subcommand("export", "Print a secret key, or with --words the recovery words");
    exported.fallthrough();
    auto* name = exported.add_option("NAME", export_.name);
    exported.add_flag("--words", is_words_exported_, "The recovery words")->excludes(name);
    exported.callback([this, name] {
      if (name->count() == 0 && !is_words_exported_) throw CLI::RequiredError("NAME or --words");
      chosen_ = [this](const Context& context) { return run_keys_export(context, export_); };
    });
    add("repair", "Make accounts.json again from the keystore", keys,
        [](const Context& context) { return run_keys_repair(context); });
  }

  void add_looking() {
    auto& address = add("address", "Print where others pay you", app_,
                        [this](const Context& context) { return run_address(context, address_); });
    address.add_option("--account", address_.account, "Name of the account");
    address.add_option_function<std::string>(
        "--tag",
        [this](const std::string& text) {
          address_.tag = parse_tag(text);
          if (!address_.tag) throw CLI::ValidationError("--tag", "a number below 2^64 is expected");
        },
        "Number that tells payers apart");
    auto& balance = add("balance", "Print what an account holds", app_,
                        [this](const Context& context) { return run_balance(context, balance_); });
    balance.add_option("--account", balance_.account, "Name of the account");
    auto& history = add("history", "List payments, newest first", app_,
                        [this](const Context& context) { return run_history(context, history_); });
    history.add_option("--account", history_.account, "Name of the account");
    history.add_option("--limit", history_.limit, "How many")
        ->check(CLI::Range(1U, proto::kHistoryLimitMax))
        ->capture_default_str();
    history.add_option("--cursor", history_.cursor, "Where the page before ended");
    auto& show = add("show", "Show one payment", app_,
                     [this](const Context& context) { return run_show(context, show_); });
    show.add_option("ID", show_.id)->required();
  }

  void add_send() {
    auto& send = add("send", "Pay; the same command again never pays twice while it is pending",
                     app_, [this](const Context& context) { return run_send(context, send_); });
    send.footer(kSendExamples);
    send.add_option("TO", send_.to, "Address")->required();
    send.add_option("AMOUNT", send_.amount, "Decimal, for example 12.50")->required();
    send.add_option("ASSET", send_.asset, "Code, for example USD")->required();
    send.add_option("--from", send_.from, "Account that pays");
    send.add_option("--ref", send_.reference, "The payee's reference, at most 32 bytes");
    send.add_option("--memo", send_.memo, "A note for people, at most 256 bytes");
    add_duration(send, "--valid-for", send_.valid_for, "When to give up for good, default 2m");
    add_duration(send, "--wait", send_.wait, "How long to wait for the end, default 30s");
    send.add_flag("--dry-run,-n", send_.is_dry_run, "Show what would be signed");
    auto& resume = add("resume", "Finish every pending payment", app_,
                       [this](const Context& context) { return run_resume(context, resume_); });
    resume.footer(kResumeNotes);
    add_duration(resume, "--wait", resume_.wait, "How long to wait for each, default 30s");
    add("outbox", "List pending payments", app_,
        [](const Context& context) { return run_outbox(context); });
  }

  void add_receipt() {
    auto& receipt = *app_.add_subcommand("receipt", "Proofs of payment");
    receipt.require_subcommand(1);
    receipt.fallthrough();
    receipt.footer(kReceiptExamples);
    auto& get =
        add("get", "Fetch, check and save a receipt", receipt,
            [this](const Context& context) { return run_receipt_get(context, receipt_get_); });
    get.add_option("ID", receipt_get_.id)->required();
    get.add_option("-o,--output", receipt_get_.output, "File to write, default ID.receipt");
    auto& verify = add(
        "verify", "Check a receipt offline", receipt,
        [this](const Context& context) { return run_receipt_verify(context, receipt_verify_); });
    verify.add_option("FILE", receipt_verify_.file)->required();
    verify.add_option("--genesis", receipt_verify_.genesis_file,
                      "Genesis file of the network; else the wallet's own");
  }

  CLI::App app_{"peerpay: pay people directly", "peerpay"};
  GlobalFlags flags_;
  InitArguments init_;
  NamedAccount account_;
  KeysImportArguments import_;
  KeysExportArguments export_;
  bool is_words_exported_ = false;
  AddressArguments address_;
  BalanceArguments balance_;
  HistoryArguments history_;
  ShowArguments show_;
  SendArguments send_;
  ResumeArguments resume_;
  ReceiptGetArguments receipt_get_;
  ReceiptVerifyArguments receipt_verify_;
  Command chosen_;
};

// Nobody listens to stdout: the exit code still tells the outcome.
ExitCode print_failure(Console& console, const Failure& failure, bool is_json) {
  console.message(failure_text(failure));
  if (is_json) (void)console.data(failure_json(failure));
  return failure.exit;
}

// Who did not get the answer is to repeat the command, so nothing is settled before it is out.
ExitCode print_report(Console& console, const Report& report, bool is_json) {
  const auto text = is_json ? report.json.serialized() + "\n" : report.text;
  const bool is_out = console.data(report.secret ? secret_text(*report.secret) : text);
  if (!is_out && report.settle) {
    return print_failure(console,
                         {.exit = ExitCode::kPending,
                          .code = "output_failed",
                          .message = "The answer can't be written to stdout.",
                          .next = "repeat the same command: it gives the answer again"},
                         false);
  }
  if (report.settle) {
    if (const auto settled = report.settle(); !settled) {
      console.message("warning: " + settled.error().message +
                      " The next command like this one gives the same answer again.");
    }
  }
  if (report.failure) console.message(failure_text(*report.failure));
  if (!report.next.empty() && !is_json) console.message("next:  " + report.next);
  return report.failure ? report.failure->exit : ExitCode::kDone;
}

CommandResult run(const Command& command, const GlobalFlags& flags, const Environment& environment,
                  Console& console, const WalletHome& home) {
  const auto style = flags.is_json ? Interruption::Style::kJson : Interruption::Style::kText;
  const auto interruption = Interruption::watch(console, style);
  if (!interruption) return base::Unexpected{interruption.error()};
  return command({.flags = flags,
                  .environment = environment,
                  .console = console,
                  .interruption = **interruption,
                  .home = home});
}

}  // namespace

CommandResult run_version() {
  return Report{.json = Json::Object{{"program", "peerpay"}, {"version", PEERPAY_VERSION}},
                .text = "peerpay " PEERPAY_VERSION "\n",
                .next = {}};
}

ExitCode run_program(std::vector<std::string> arguments, const Environment& environment) {
  Console console;
  // Known before parsing, so that a mistake in the arguments is reported in the wanted form too.
  const bool is_json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
  CommandLine line;
  std::string help;
  const auto command = line.parse(std::move(arguments), help);
  if (!command) return print_failure(console, command.error(), is_json);
  if (!*command) {
    (void)console.data(help);
    return ExitCode::kDone;
  }
  const auto directory = home_directory(line.flags(), environment);
  if (!directory) return print_failure(console, directory.error(), is_json);
  const WalletHome home(*directory);
  const auto report = run(**command, line.flags(), environment, console, home);
  if (!report) return print_failure(console, report.error(), is_json);
  return print_report(console, *report, is_json);
}

}  // namespace peerpay::wallet::cli
