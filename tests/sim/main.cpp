// peerpay-sim: runs the simulator. docs/SIMULATION.md says how to read what it prints.

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "tests/sim/cluster.h"
#include "tests/sim/report.h"
#include "tests/sim/twins_command.h"

namespace peerpay::sim {
namespace {

constexpr int kExitUsage = 64;
constexpr int kExitEmptyCell = 5;

struct Arguments {
  std::uint64_t seed = 1;
  std::uint64_t seeds = 1;
  std::string canary = "none";
  std::vector<std::string> without;
  std::optional<std::uint64_t> safety_ms;
  std::optional<std::uint32_t> transactions;
  std::string behaviour = "none";
  std::optional<std::uint32_t> validators;
  bool behaviours = false;
  std::uint64_t twins = 0;
  std::uint32_t twins_views = 3;
  bool twins_all = false;
  bool trace = false;
  bool json = false;
  bool twice = false;
  bool quiet = false;
  bool signatures_real = false;

  // Runs of one behaviour each, not of whatever a seed draws.
  [[nodiscard]] bool behaviours_run() const { return behaviours || behaviour != "none"; }
};

std::optional<Canary> canary_named(const std::string& text) {
  if (text == name(Canary::kNone)) return Canary::kNone;
  for (const Canary canary : kAllCanaries) {
    if (text == name(canary)) return canary;
  }
  return std::nullopt;
}

std::string rerun_command(const Options& options, const Arguments& arguments) {
  std::string out = "peerpay-sim --seed " + std::to_string(options.seed);
  for (const std::string& fault : arguments.without) out += " --without " + fault;
  if (arguments.safety_ms) out += " --safety-ms " + std::to_string(*arguments.safety_ms);
  if (arguments.transactions) out += " --transactions " + std::to_string(*arguments.transactions);
  if (options.behaviour != Behaviour::kNone && arguments.behaviours_run())
    out += " --behaviour " + std::string{name(options.behaviour)} + " --validators " +
           std::to_string(options.validators);
  if (options.canary != Canary::kNone) out += " --canary " + std::string{name(options.canary)};
  if (arguments.twice) out += " --twice";
  if (options.signatures_real) out += " --real-signatures";
  return out;
}

void print_failure_head(const Options& options, const Arguments& arguments, std::string_view what) {
  std::fprintf(stderr, "FAILED: %.*s\n  seed    %llu\n", static_cast<int>(what.size()), what.data(),
               static_cast<unsigned long long>(options.seed));
  if (*PEERPAY_COMMIT != '\0') std::fprintf(stderr, "  commit  %s\n", PEERPAY_COMMIT);
  std::fprintf(stderr, "  options %s\n  rerun   %s\n", describe(options).c_str(),
               rerun_command(options, arguments).c_str());
}

void print_trace(const Cluster& cluster) {
  constexpr std::size_t kLines = 40;
  const std::vector<std::string> lines = cluster.last_trace();
  std::fprintf(stderr, "the last of what happened (all of it: --trace):\n");
  for (std::size_t i = lines.size() > kLines ? lines.size() - kLines : 0; i < lines.size(); ++i) {
    std::fprintf(stderr, "%s\n", lines[i].c_str());
  }
}

// For the handler of fatal signals alone: there is nowhere else to keep what it must print.
struct Running {
  const Options* options = nullptr;
  const Arguments* arguments = nullptr;
  const Cluster* cluster = nullptr;
};
Running running;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

// Printing from here is not safe by the letter of POSIX; the process is lost anyway, and the seed
// is what matters.
extern "C" void on_fatal_signal(int signal) {
  std::signal(signal, SIG_DFL);
  print_failure_head(*running.options, *running.arguments,
                     "crash: signal " + std::to_string(signal));
  if (running.cluster != nullptr) print_trace(*running.cluster);
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(FailureClass::kCrash));
}

RunReport run_once(const Options& options, const Arguments& arguments) {
  running = {&options, &arguments, nullptr};
  Cluster cluster{options};
  running.cluster = &cluster;
  if (arguments.trace) cluster.print_trace_to(stdout);
  RunReport report = cluster.run();
  if (report.failure) {
    print_failure_head(options, arguments,
                       std::string{name(report.failure->failure_class)} + " (" +
                           std::string{report.failure->checker} +
                           "): " + report.failure->explanation);
    print_trace(cluster);
  }
  running.cluster = nullptr;
  return report;
}

// The exit code of one seed.
int run_seed(const Options& options, const Arguments& arguments, Totals& totals) {
  const RunReport report = run_once(options, arguments);
  totals.add(report);
  if (arguments.json) {
    std::printf("%s\n", to_json(options, report).c_str());
  } else if (!arguments.quiet) {
    std::printf("%s\n", summary(options, report).c_str());
  }
  if (report.failure) return static_cast<int>(report.failure->failure_class);
  if (!arguments.twice || run_once(options, arguments).audit == report.audit) return 0;
  print_failure_head(options, arguments, "determinism: the second run of the seed was another run");
  return static_cast<int>(FailureClass::kDeterminism);
}

// The seed's options, bent as the arguments say. REQUIRES: the arguments are valid.
Options options_of(std::uint64_t seed, const Arguments& arguments) {
  const Behaviour behaviour = *behaviour_named(arguments.behaviour);
  Options out = behaviour == Behaviour::kNone
                    ? draw_options(seed)
                    : draw_options(behaviour, arguments.validators.value_or(4), seed);
  plant(*canary_named(arguments.canary), out);
  out.signatures_real = arguments.signatures_real;
  for (const std::string& fault : arguments.without) (void)switch_off(fault, out);
  if (arguments.safety_ms)
    out.safety_phase = base::milliseconds(static_cast<std::int64_t>(*arguments.safety_ms));
  if (arguments.transactions) out.workload.transactions_max = *arguments.transactions;
  return out;
}

std::optional<std::string> invalid_reason(const Arguments& arguments) {
  if (!canary_named(arguments.canary)) return "There is no canary \"" + arguments.canary + "\".";
  if (!behaviour_named(arguments.behaviour))
    return "There is no behaviour \"" + arguments.behaviour + "\".";
  if (arguments.validators && (*arguments.validators < 4 || *arguments.validators > 13))
    return "A behaviour needs 4 to 13 validators.";
  if (arguments.twins_all && arguments.twins_views * (arguments.validators.value_or(4) - 1) > 12)
    return "So many Twins scenarios can only be drawn: --twins.";
  for (const std::string& fault : arguments.without) {
    Options ignored;
    if (!switch_off(fault, ignored)) return "There is no fault \"" + fault + "\" to leave out.";
  }
  return std::nullopt;
}

// 26 behaviours by 4 sizes; a cell that says nothing fails.
int run_behaviours(Arguments arguments) {
  BehaviourMatrix matrix;
  for (std::uint32_t b = 1; b <= kBehaviours; ++b) {
    for (const std::uint32_t n : kBehaviourSizes) {
      arguments.behaviour = name(static_cast<Behaviour>(b));
      arguments.validators = n;
      for (std::uint64_t i = 0; i < arguments.seeds; ++i) {
        const Options options = options_of(arguments.seed + i, arguments);
        const RunReport report = run_once(options, arguments);
        if (!arguments.quiet) std::printf("%s\n", summary(options, report).c_str());
        if (report.failure) return static_cast<int>(report.failure->failure_class);
        matrix.add(options, report);
      }
    }
    if (!arguments.quiet) std::fflush(stdout);
  }
  std::printf("%s", arguments.json ? matrix.to_json().c_str() : matrix.table().c_str());
  if (const auto empty = matrix.empty_cell()) {
    std::fprintf(stderr, "FAILED: %s\n", empty->c_str());
    return kExitEmptyCell;
  }
  return 0;
}

int run_twins_timed(const TwinsCommand& command) {
  const std::clock_t start = std::clock();
  const TwinsTotals totals = sim::run_twins(command);
  const auto cpu_ms = static_cast<std::uint64_t>(std::clock() - start) * 1'000 / CLOCKS_PER_SEC;
  if (totals.exit_code != 0) std::fprintf(stderr, "FAILED: %s\n", totals.failure.c_str());
  if (totals.exit_code == 0) std::printf("%s", report(command, totals, cpu_ms).c_str());
  return totals.exit_code;
}

int run(const Arguments& arguments) {
  if (arguments.twins > 0 || arguments.twins_all) {
    return run_twins_timed({{arguments.validators.value_or(4), arguments.twins_views},
                            arguments.seed,
                            arguments.twins,
                            arguments.twins_all,
                            arguments.json});
  }
  if (arguments.behaviours) return run_behaviours(arguments);
  Totals totals;
  for (std::uint64_t i = 0; i < arguments.seeds; ++i) {
    const int exit_code = run_seed(options_of(arguments.seed + i, arguments), arguments, totals);
    if (exit_code != 0) return exit_code;
  }
  if (!arguments.json && arguments.seeds > 1) std::printf("%s", totals.table().c_str());
  return 0;
}

void add_options(CLI::App& app, Arguments& arguments) {
  app.add_option("--seed", arguments.seed, "First seed")->capture_default_str();
  app.add_option("--seeds", arguments.seeds, "How many seeds, one after the other")
      ->capture_default_str();
  app.add_option("--without", arguments.without,
                 "Leave out crashes, partitions, loss, duplicates, clogs, clocks or byzantine; may "
                 "be repeated")
      ->allow_extra_args(false);
  app.add_option("--safety-ms", arguments.safety_ms,
                 "Length of the phase with faults, instead of the seed's");
  app.add_option("--transactions", arguments.transactions,
                 "How many payments, instead of the seed's number");
  app.add_option("--canary", arguments.canary, "Plant a defect that must be found")
      ->capture_default_str();
  app.add_option("--behaviour", arguments.behaviour,
                 "Runs of one behaviour, B1 to B26, instead of what the seed draws")
      ->capture_default_str();
  app.add_option("--validators", arguments.validators, "How many, with --behaviour (4 to 13)");
  app.add_flag("--behaviours", arguments.behaviours,
               "Every behaviour with 4, 7, 10 and 13 validators, --seeds times each; fails when in "
               "some cell it never acted or its expected outcome was never seen");
  app.add_option("--twins", arguments.twins,
                 "So many Twins scenarios, drawn, with --validators, instead of whole runs");
  app.add_option("--twins-views", arguments.twins_views, "Views of a Twins scenario's prefix")
      ->check(CLI::Range(1, 5))
      ->capture_default_str();
  app.add_flag("--twins-all", arguments.twins_all,
               "Every canonical Twins scenario; up to 12 cells of validators and views");
  app.add_flag("--twice", arguments.twice, "Run each seed twice and compare the audit hashes");
  app.add_flag("--trace", arguments.trace, "Print everything that happens");
  app.add_flag("--json", arguments.json, "One JSON object for each run");
  app.add_flag("--quiet", arguments.quiet, "Print failures and totals only");
  app.add_flag("--real-signatures", arguments.signatures_real,
               "BIP-340 signatures instead of stand-ins (slow)");
}

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{
      "Runs a peerpay network in virtual time, under faults, and checks it. The same seed is the "
      "same run."};
  add_options(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (const auto reason = invalid_reason(arguments)) {
    std::fprintf(stderr, "%s\n", reason->c_str());
    return kExitUsage;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    std::signal(signal, on_fatal_signal);
  return run(arguments);
}

}  // namespace
}  // namespace peerpay::sim

int main(int argc, char** argv) { return peerpay::sim::main(argc, argv); }
