// peerpay-bench: what peerpay can do on this machine, measured from outside.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "bench/attack.h"
#include "bench/commands.h"
#include "ledger/limits.h"

namespace peerpay::bench {
namespace {

using Command = std::function<Result<Report>(Interruption&)>;

struct Chosen {
  bool json = false;
  Command command;
};

void add_common(CLI::App& command, Chosen& chosen) {
  command.add_flag("--json", chosen.json, "One JSON object on standard output");
}

constexpr std::size_t kNetworkAccountsMax = 10'000'000;

void add_shape(CLI::App& command, PaymentShape& shape) {
  command.add_option("--legs", shape.legs, "Payees of each transaction")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, ledger::kOperationsMax));
  command.add_option("--payload", shape.payload_bytes, "Bytes of memo, 256 for each leg at most")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{0}, ledger::kOperationsMax * ledger::kMemoBytesMax));
  command.add_option("--hot", shape.hot_percent, "Payments in a hundred that go to one account")
      ->capture_default_str()
      ->check(CLI::Range(0, 100));
}

void add_network(CLI::App& app, NetworkOptions& options, Chosen& chosen) {
  auto* command = app.add_subcommand("network", "Throughput and latency of a fresh network");
  add_common(*command, chosen);
  command->add_option("--validators", options.validators)
      ->capture_default_str()
      ->check(CLI::Range(1, 128));
  command->add_option("--seconds", options.seconds, "Measured time of each run")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600));
  command->add_option("--warm-up", options.warm_up_seconds, "Seconds before it")
      ->capture_default_str()
      ->check(CLI::Range(0, 600));
  command->add_option("--runs", options.runs, "One after the other; the medians are printed")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  command->add_option("--accounts", options.accounts, "The first 100,000 of them pay")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{2}, kNetworkAccountsMax));
  command->add_option("--clients", options.clients, "Connections")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  command
      ->add_option("--in-flight", options.in_flight_max,
                   "Transactions without an end, all clients; without --rate")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  command
      ->add_option("--rate", options.rate_per_second,
                   "Transactions a second, each due at its moment; 0: as many as it takes")
      ->capture_default_str()
      ->check(CLI::Range(0, 100'000));
  add_shape(*command, options.shape);
  command
      ->add_option_function<std::string>(
          "--history", [&](const std::string& value) { options.keep_history = value == "on"; },
          "The index of each account's transactions: on or off")
      ->default_str("on")
      ->check(CLI::IsMember({"on", "off"}));
  command->add_flag("--profile", options.profile,
                    "Tell the CPU of each stage, by perf; as root. Slows the network down");
  command->add_option("--record", options.record_path,
                      "File that gets a line of JSON for each run");
  command->add_flag("--keep", options.keep, "Keep homes and logs");
  command->callback([&] {
    chosen.command = [&](auto& interruption) { return measure_network(options, interruption); };
  });
}

void add_idle(CLI::App& app, IdleOptions& options, Chosen& chosen) {
  auto* command = app.add_subcommand("idle", "What a network costs that has nothing to do");
  add_common(*command, chosen);
  command->add_option("--validators", options.validators)
      ->capture_default_str()
      ->check(CLI::Range(1, 128));
  command->add_option("--seconds", options.seconds, "Measured time")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600));
  command->add_option("--accounts", options.accounts)
      ->capture_default_str()
      ->check(CLI::Range(2, 1'000'000));
  command->add_flag("--keep", options.keep, "Keep homes and logs");
  command->callback([&] {
    chosen.command = [&](auto& interruption) { return measure_idle(options, interruption); };
  });
}

void add_restart(CLI::App& app, RestartOptions& options, Chosen& chosen) {
  auto* command =
      app.add_subcommand("restart", "From SIGKILL and start until the vote counts again");
  add_common(*command, chosen);
  command->add_option("--accounts", options.accounts)
      ->capture_default_str()
      ->check(CLI::Range(2, 1'000'000));
  command->add_option("--payments", options.payments, "Made before")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--times", options.times, "Restarts")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  command->add_flag("--keep", options.keep, "Keep homes and logs");
  command->callback([&] {
    chosen.command = [&](auto& interruption) { return measure_restart(options, interruption); };
  });
}

void add_catch_up(CLI::App& app, CatchUpOptions& options, Chosen& chosen) {
  auto* command = app.add_subcommand(
      "catch-up", "How fast a validator that was away gets what the others have ordered");
  add_common(*command, chosen);
  command->add_option("--validators", options.validators, "With a quorum but for one")
      ->capture_default_str()
      ->check(CLI::Range(4, 128));
  command->add_option("--accounts", options.accounts)
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{2}, kNetworkAccountsMax));
  command->add_option("--payments", options.payments, "Made while it is away")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  command->add_flag("--keep", options.keep, "Keep homes and logs");
  command->callback([&] {
    chosen.command = [&](auto& interruption) { return measure_catch_up(options, interruption); };
  });
}

void add_growth(CLI::App& app, GrowthOptions& options, Chosen& chosen) {
  auto* command = app.add_subcommand(
      "growth", "What accounts and gigabytes of blocks cost: payments, memory, restarts");
  add_common(*command, chosen);
  command->add_option("--validators", options.validators)
      ->capture_default_str()
      ->check(CLI::Range(1, 128));
  command->add_option("--accounts", options.accounts)
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{2}, kNetworkAccountsMax));
  command
      ->add_option("--mib", options.home_mib,
                   "MiB to fill each home to, and measure at; may be repeated, ascending")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--seconds", options.seconds, "Measured time at each size")
      ->capture_default_str()
      ->check(CLI::Range(1, 600));
  command->add_flag("--keep", options.keep, "Keep homes and logs");
  command->callback([&] {
    chosen.command = [&](auto& interruption) { return measure_growth(options, interruption); };
  });
}

CLI::App* add_attack(CLI::App& app, AttackOptions& options) {
  auto* command = app.add_subcommand(
      "attack", "What attacks on a validator do to others' payments and to its memory");
  command->add_option("--attack", options.names, "This one; may be repeated. None: all")
      ->check(CLI::Validator{[](std::string& name) {
                               return find_attack(name) == nullptr
                                          ? "There is no such attack; see --list"
                                          : std::string{};
                             },
                             "NAME"});
  command->add_flag_callback(
      "--list",
      [] {
        for (const auto& attack : attacks()) {
          fmt::print("{:<20}{}\n", attack.name, attack.sentence);
        }
        throw CLI::Success{};
      },
      "Names the attacks");
  command->add_option("--warm-up", options.warm_up_seconds, "Seconds before the calm ones")
      ->capture_default_str()
      ->check(CLI::Range(0, 600));
  command->add_option("--calm", options.calm_seconds, "Seconds without the attack")
      ->capture_default_str()
      ->check(CLI::Range(1, 600));
  command->add_option("--seconds", options.seconds, "Of each attack")
      ->capture_default_str()
      ->check(CLI::Range(1, 600));
  command->add_option("--rate", options.rate_per_second, "Honest payments a second")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  command->add_option("--accounts", options.accounts)
      ->capture_default_str()
      ->check(CLI::Range(2 * kAttackerAccounts, kPayersMax));  // the last ones pay, too
  command->add_option("--runs", options.runs, "Of each attack; the p99 is that of the median run")
      ->capture_default_str()
      ->check(CLI::Range(1, 99));
  command->add_flag("--keep", options.keep, "Keep homes and logs");
  return command;
}

// What `attack` starts for each: not for people.
CLI::App* add_attacker(CLI::App& app, AttackerOptions& options) {
  auto* command = app.add_subcommand("attacker")->group("");
  command->add_option("--attack", options.attack)->required();
  command->add_option("--client", options.target.client_address)->required();
  command->add_option("--home", options.target.home)->required();
  command->add_option("--accounts", options.target.accounts)->required();
  return command;
}

void add_load(CLI::App& app, LoadCommandOptions& options, Chosen& chosen) {
  auto* command =
      app.add_subcommand("load", "Load on a running network whose nodes may come and go");
  add_common(*command, chosen);
  command->add_option("--node", options.nodes, "host:port, once for each node")->required();
  command->add_option("--seconds", options.seconds)
      ->capture_default_str()
      ->check(CLI::Range(1, 3600));
  command->add_option("--rate", options.rate_per_second, "Payments a second")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  command->add_option("--accounts", options.accounts)
      ->capture_default_str()
      ->check(CLI::Range(2, 1'000'000));
  command->add_option("--nonce-first", options.nonce_first)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--settle", options.settle_seconds, "Seconds for what has no end yet")
      ->capture_default_str()
      ->check(CLI::Range(0, 600));
  command
      ->add_option("--acknowledged", options.acknowledged_path,
                   "File for the ids of final payments")
      ->required();
  command->callback([&] {
    chosen.command = [&](auto& interruption) { return run_load(options, interruption); };
  });
}

void add_audit(CLI::App& app, AuditOptions& options, Chosen& chosen) {
  auto* command =
      app.add_subcommand("audit", "Whether the nodes kept what they acknowledged, and agree");
  add_common(*command, chosen);
  command->add_option("--node", options.nodes, "host:port, once for each node")->required();
  command->add_option("--accounts", options.accounts)
      ->capture_default_str()
      ->check(CLI::Range(2, 1'000'000));
  command->add_option("--acknowledged", options.acknowledged_path, "As written by load")
      ->required();
  command->callback([&] { chosen.command = [&](auto&) { return audit(options); }; });
}

void add_heads(CLI::App& app, std::vector<std::string>& nodes, Chosen& chosen) {
  auto* command = app.add_subcommand("heads", "The newest finalized block of each node");
  add_common(*command, chosen);
  command->add_option("--node", nodes, "host:port, once for each node")->required();
  command->callback([&] { chosen.command = [&](auto&) { return show_heads(nodes); }; });
}

int run_micro(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"peerpay-bench micro"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size());
  for (auto& word : words) pointers.push_back(word.data());
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

int print_payments(const PaymentsOptions& options) {
  const auto lines = list_payments(options);
  if (!lines) {
    fmt::print(stderr, "peerpay-bench: {}\n", lines.error().sentence);
    return 1;
  }
  fmt::print("{}", *lines);
  return 0;
}

// `run(interruption)` gives an exit code.
template <class Run>
int run_interruptible(const Run& run) {
  auto stop = os::StopSignal::block();
  if (!stop) {
    fmt::print(stderr, "{}\n", stop.error().sentence());
    return 1;
  }
  Interruption interruption{std::move(*stop)};
  return run(interruption);
}

int run_attacks(const AttackOptions& options, Interruption& interruption) {
  const auto verdict = measure_attacks(options, interruption);
  if (!verdict) {
    fmt::print(stderr, "peerpay-bench: {}\n", verdict.error().sentence);
    return 2;
  }
  fmt::print("{}", verdict->report.to_json());
  return verdict->goals_met ? 0 : 1;
}

int run_command(const Chosen& chosen, Interruption& interruption) {
  const auto report = chosen.command(interruption);
  if (!report) {
    fmt::print(stderr, "peerpay-bench: {}\n", report.error().sentence);
    return 1;
  }
  fmt::print("{}", chosen.json ? report->to_json() : report->to_text());
  return 0;
}

int main(int argc, char** argv) {
  CLI::App app{
      "Measures peerpay: throughput beside the bound that signatures set, latency, costs."};
  app.require_subcommand(1);
  Chosen chosen;
  NetworkOptions network;
  network.command_line = fmt::format("{}", fmt::join(argv, argv + argc, " "));
  IdleOptions idle;
  RestartOptions restart;
  CatchUpOptions catch_up;
  GrowthOptions growth;
  LoadCommandOptions load;
  AuditOptions audited;
  std::vector<std::string> heads;
  std::size_t address_count = 200;
  add_network(app, network, chosen);
  add_idle(app, idle, chosen);
  add_restart(app, restart, chosen);
  add_catch_up(app, catch_up, chosen);
  add_growth(app, growth, chosen);
  AttackOptions attacked;
  const auto* attack = add_attack(app, attacked);
  AttackerOptions attacker_options;
  const auto* attacker = add_attacker(app, attacker_options);
  add_load(app, load, chosen);
  add_audit(app, audited, chosen);
  add_heads(app, heads, chosen);
  auto* accounts = app.add_subcommand("accounts", "Addresses of the accounts that load pays with");
  accounts->add_option("--count", address_count)
      ->capture_default_str()
      ->check(CLI::Range(2, 1'000'000));
  PaymentsOptions payments;
  auto* signed_payments =
      app.add_subcommand("payments", "Signed payments in base 64, for others to submit");
  signed_payments->add_option("--node", payments.nodes, "host:port, once for each node")
      ->required();
  signed_payments->add_option("--accounts", payments.accounts, "How many of `accounts` are funded")
      ->capture_default_str()
      ->check(CLI::Range(2, 1'000'000));
  signed_payments->add_option("--count", payments.count)
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  auto* micro =
      app.add_subcommand("micro", "Costs of single operations; takes Google Benchmark's options");
  micro->allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (*micro) return run_micro(micro->remaining());
  if (*accounts) {
    fmt::print("{}", list_addresses(address_count));
    return 0;
  }
  if (*signed_payments) return print_payments(payments);
  if (*attacker) {
    return run_interruptible([&](auto& stop) { return run_attacker(attacker_options, stop); });
  }
  if (*attack) return run_interruptible([&](auto& stop) { return run_attacks(attacked, stop); });
  return run_interruptible([&](auto& stop) { return run_command(chosen, stop); });
}

}  // namespace
}  // namespace peerpay::bench

int main(int argc, char** argv) { return peerpay::bench::main(argc, argv); }
