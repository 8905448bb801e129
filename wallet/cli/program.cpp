#include "wallet/cli/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <functional>
#include <numeric>
#include <optional>
#include <sstream>
#include <utility>

#include "base/utf8.h"
#include "wallet/cli/checkout_fetch.h"
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
  peerpay request 12.50 USD --wait          ask for money, and wait for it
  peerpay pay 'peerpay:tpeer1...'           pay what somebody asks for
  peerpay history --json
  peerpay receipt get ID                    proof of payment that anyone can check offline

Exit codes: 0 done, 1 error, 2 usage, 3 refused, 4 locked, 5 network,
6 outcome unknown (repeating the same command is safe), 7 expired and never applied,
130 interrupted.)";

constexpr const char* kInitExamples = R"(Examples:
  peerpay init --node 127.0.0.1:7101        ask a node for its network, and trust it this once
  peerpay init --genesis genesis.bcs        trust a file instead
  peerpay init --kind test                  no network yet: make the address that its genesis needs
  peerpay init --restore --node HOST:PORT   type in the recovery words of another wallet)";

constexpr const char* kSendExamples = R"(Examples:
  peerpay send tpeer1... 12.50 USD --ref INV-7 --memo "two coffees"
  peerpay send tpeer1... 12.50 USD --dry-run          show what would be signed
  peerpay send tpeer1... 12.50 USD --yes --json --passphrase-file FILE

While the end of a payment is unknown, the same command finishes it and never makes a second
one. After its end, the same command is a new payment.)";

constexpr const char* kPayExamples = R"(Examples:
  peerpay pay 'peerpay:tpeer1...?amount=12.50&asset=USD&ref=INV-7'    in quotes, for the shell
  peerpay pay https://shop.example/c/inv_...          what the shop asks for on its page
  peerpay pay 'peerpay:tpeer1...' --amount 5 --asset USD              the request leaves it open

While the end of a payment is unknown, the same command finishes it and never makes a second
one. After its end, a request with a reference is not paid a second time without --again.)";

constexpr const char* kRequestExamples = R"(Examples:
  peerpay request 12.50 USD --label "Corner Shop" --message "two coffees"
  peerpay request 12.50 USD --ref INV-7 --wait        returns when it is paid
  peerpay request 12.50 USD --wait=5m --json          exit code 6 when it is not paid by then
  peerpay request 12.50 USD --no-qr | qrencode -o request.png

The exit code with --wait: 0 paid, which its receipt proves; 7 expired unpaid; 6 not paid so far,
or not known.)";

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

constexpr const char* kDurationExpected = "1s to 7d is expected, a whole number and s, m, h or d";

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
    add_pay();
    add_request();
    add_receipt();
    add("version", "Print the version", app_, [](const Context&) { return run_version(); });
  }
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // Empty when only help was asked for, which is then in `help`.
  Result<std::optional<Command>> parse(std::vector<std::string> arguments, std::string& help) {
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
      return usage_failure(error.what());
    }
    return std::optional{chosen_};
  }

  const GlobalFlags& flags() const { return flags_; }

 private:
  // A mistyped command gets the one that was probably meant.
  base::Unexpected<Failure> usage_failure(const std::string& reason) const {
    const CLI::App* parent = &app_;
    std::string program = "peerpay";
    while (!parent->get_subcommands().empty()) {
      parent = parent->get_subcommands().front();
      program += " " + parent->get_name();
    }
    const auto commands = parent->get_subcommands([](const CLI::App*) { return true; });
    const auto words = app_.remaining(true);
    if (commands.empty() || words.empty() || words.front().starts_with('-')) {
      return fail(ExitCode::kUsage, "usage", reason + ".", program + " --help");
    }
    const auto& typed = words.front();
    auto next = program + " --help";
    for (const auto* one : commands) {
      if (edit_distance(typed, one->get_name()) <= 2) next = program + " " + one->get_name();
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
          if (!duration) throw CLI::ValidationError(name, kDurationExpected);
          target = *duration;
        },
        description);
  }

  static void add_tag(CLI::App& app, std::optional<std::uint64_t>& target) {
    app.add_option_function<std::string>(
        "--tag",
        [&target](const std::string& text) {
          target = parse_tag(text);
          if (!target) throw CLI::ValidationError("--tag", "a number below 2^64 is expected");
        },
        "Number that tells payers apart");
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
    auto* genesis = sub.add_option("--genesis", init_.network.genesis_file,
                                   "Genesis file of the network; else --node is asked");
    auto* chain = sub.add_option("--chain-id", init_.network.chain_id,
                                 "Refuse a network with another chain id");
    sub.add_option_function<std::string>(
           "--kind",
           [this](const std::string& text) {
             init_.kind = parse_network_kind(text);
             if (!init_.kind) throw CLI::ValidationError("--kind", "test or main is expected");
           },
           "Before the network exists: make a wallet for one of this kind, test or main")
        ->excludes(genesis)
        ->excludes(chain)
        ->excludes(app_.get_option("--node"));
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
    add_tag(address, address_.tag);
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
    add_duration(resume, "--wait", resume_.wait, "How long to wait for all, default 30s");
    add("outbox", "List pending payments", app_,
        [](const Context& context) { return run_outbox(context); });
  }

  void add_pay() {
    auto& pay = add("pay", "Pay a request: a payment URI, or the link of a shop's checkout page",
                    app_, [this](const Context& context) { return run_pay(context, pay_); });
    pay.footer(kPayExamples);
    pay.add_option("REQUEST", pay_.target, "peerpay:... or https://...")->required();
    pay.add_option("--from", pay_.from, "Account that pays");
    pay.add_option("--amount", pay_.amount, "When the request leaves it open");
    pay.add_option("--asset", pay_.asset, "Likewise");
    add_duration(pay, "--valid-for", pay_.valid_for,
                 "When to give up for good, default 2m; never later than the request");
    add_duration(pay, "--wait", pay_.wait, "How long to wait for the end, default 30s");
    pay.add_flag("--again", pay_.is_again, "Although this reference was paid before");
    pay.add_flag("--dry-run,-n", pay_.is_dry_run, "Show what would be signed");
  }

  void add_request() {
    auto& request =
        add("request", "Ask for a payment: print a payment URI, and a QR code on a terminal", app_,
            [this](const Context& context) { return run_request(context, request_); });
    request.footer(kRequestExamples);
    request.add_option("AMOUNT", request_.amount, "Decimal, for example 12.50")->required();
    request.add_option("ASSET", request_.asset, "Code, for example USD")->required();
    request.add_option("--account", request_.account, "Account that is paid");
    add_tag(request, request_.tag);
    request.add_option("--ref", request_.reference,
                       "What tells this payment apart, at most 32 bytes; else one is made");
    request.add_option("--label", request_.label, "Who asks, shown to the payer");
    request.add_option("--message", request_.message, "What for, shown to the payer");
    add_duration(request, "--expires", request_.expires_after, "How long it is open, default 15m");
    request.add_flag_callback(
        "--qr", [this] { request_.has_qr = true; },
        "Draw the QR code on stderr, also when it is no terminal");
    request
        .add_flag_callback(
            "--no-qr", [this] { request_.has_qr = false; }, "Draw none")
        ->excludes("--qr");
    add_request_wait(request);
  }

  // "--wait" alone waits until the request expires; a word after it is the next argument.
  void add_request_wait(CLI::App& request) {
    const std::string description =
        "Return when it is paid; --wait=DURATION gives up sooner than the request expires";
    request.add_flag("--wait", description)->each([this](const std::string& text) {
      request_.is_waiting = true;
      if (text == "true") return;  // what CLI11 says for no value
      request_.wait = parse_duration(text);
      if (!request_.wait) throw CLI::ValidationError("--wait", kDurationExpected);
    });
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
    get.add_option("-o,--output", receipt_get_.output,
                   "File to write, - for stdout; default ID.receipt");
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
  PayArguments pay_;
  RequestArguments request_;
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
  const auto text = is_json ? report.json.serialized() + "\n" : base::printable_lines(report.text);
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
                  .home = home,
                  .fetch_page = fetch_page});
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
  if (const auto given = check_given(line.flags().passphrase); !given) {
    return print_failure(console, given.error(), is_json);
  }
  const auto directory = home_directory(line.flags(), environment);
  if (!directory) return print_failure(console, directory.error(), is_json);
  const WalletHome home(*directory);
  const auto report = run(**command, line.flags(), environment, console, home);
  if (!report) return print_failure(console, report.error(), is_json);
  return print_report(console, *report, is_json);
}

}  // namespace peerpay::wallet::cli
