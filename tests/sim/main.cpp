// peerpay-sim: runs the simulator. docs/SIMULATION.md says how to read what it prints.

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "tests/sim/arguments.h"
#include "tests/sim/cluster.h"
#include "tests/sim/report.h"
#include "tests/sim/twins_command.h"

namespace peerpay::sim {
namespace {

constexpr int kExitUnseen = 5;  // an empty cell of --behaviours, a blind spot
constexpr int kExitUsage = 64;

int exit_code_of(FailureClass failure_class) { return static_cast<int>(failure_class); }

// For the handler of fatal signals alone: there is nowhere else to keep what it must print.
struct Running {
  std::string head;  // what identifies the run
  const Cluster* cluster = nullptr;
};
Running running;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void begin(const RunIdentity& run) { running = {failure_head(run, PEERPAY_COMMIT), nullptr}; }

// Of the run that was begun last.
void print_failure(std::string_view what) {
  std::fprintf(stderr, "FAILED: %.*s\n%s", static_cast<int>(what.size()), what.data(),
               running.head.c_str());
  if (running.cluster == nullptr) return;
  constexpr std::size_t kLines = 40;
  const std::vector<std::string> lines = running.cluster->last_trace();
  std::fprintf(stderr, "the last of what happened (all of it: --trace):\n");
  for (std::size_t i = lines.size() > kLines ? lines.size() - kLines : 0; i < lines.size(); ++i) {
    std::fprintf(stderr, "%s\n", lines[i].c_str());
  }
}

void print_failure(const Failure& failure) {
  print_failure(std::string{name(failure.failure_class)} + " (" + std::string{failure.checker} +
                "): " + failure.explanation);
}

// Printing from here is not safe by the letter of POSIX; the process is lost anyway, and the seed
// is what matters.
extern "C" void on_fatal_signal(int signal) {
  std::signal(signal, SIG_DFL);
  print_failure("crash: signal " + std::to_string(signal));
  std::fflush(nullptr);
  std::_Exit(exit_code_of(FailureClass::kCrash));
}

base::TimePoint processor_time() {
  return {static_cast<std::int64_t>(std::clock()) * 1'000'000 / CLOCKS_PER_SEC};
}

RunReport run_once(const Options& options, const Arguments& arguments) {
  begin({options.seed, "options " + describe(options), rerun_command(options, arguments)});
  Cluster cluster{options};
  running.cluster = &cluster;
  if (arguments.trace) cluster.print_trace_to(stdout);
  RunReport report = cluster.run();
  if (report.failure) print_failure(*report.failure);
  running.cluster = nullptr;
  return report;
}

// The exit code of one seed.
int run_seed(const Options& options, const Arguments& arguments, Totals& totals) {
  const base::TimePoint start = processor_time();
  const RunReport report = run_once(options, arguments);
  totals.add(report, processor_time() - start);
  if (arguments.json) {
    std::printf("%s\n", to_json(options, report).c_str());
  } else if (!arguments.quiet) {
    std::printf("%s\n", summary(options, report).c_str());
  }
  if (report.failure) return exit_code_of(report.failure->failure_class);
  if (!arguments.twice || run_once(options, arguments).audit == report.audit) return 0;
  print_failure("determinism: the second run of the seed was another run");
  return exit_code_of(FailureClass::kDeterminism);
}

int fail_unseen(const std::string& what) {
  std::fprintf(stderr, "FAILED: %s\n", what.c_str());
  return kExitUnseen;
}

int run_seeds(const Arguments& arguments) {
  Totals totals;
  const std::uint64_t seeds = seeds_of(arguments);
  for (std::uint64_t i = 0; i < seeds; ++i) {
    const int exit_code = run_seed(options_of(arguments.seed + i, arguments), arguments, totals);
    if (exit_code != 0) return exit_code;
  }
  if (seeds > 1)
    std::printf("%s", arguments.json ? (totals.to_json() + "\n").c_str() : totals.table().c_str());
  const auto unseen = arguments.no_blind_spots ? totals.blind_spots() : std::nullopt;
  return unseen ? fail_unseen(*unseen) : 0;
}

// 26 behaviours by 4 sizes; a cell that says nothing fails.
int run_behaviours(Arguments arguments) {
  const std::uint64_t seeds = seeds_of(arguments);
  BehaviourMatrix matrix;
  for (std::uint32_t b = 1; b <= kBehaviours; ++b) {
    for (const std::uint32_t n : kBehaviourSizes) {
      arguments.behaviour = name(static_cast<Behaviour>(b));
      arguments.validators = n;
      for (std::uint64_t i = 0; i < seeds; ++i) {
        const Options options = options_of(arguments.seed + i, arguments);
        const RunReport report = run_once(options, arguments);
        if (!arguments.quiet) std::printf("%s\n", summary(options, report).c_str());
        if (report.failure) return exit_code_of(report.failure->failure_class);
        matrix.add(options, report);
      }
    }
    if (!arguments.quiet) std::fflush(stdout);
  }
  std::printf("%s", arguments.json ? matrix.to_json().c_str() : matrix.table().c_str());
  const auto empty = matrix.empty_cell();
  if (!empty) return 0;
  if (seeds >= kSeedsOfACell) return fail_unseen(*empty);
  return fail_unseen(*empty + "; it may need more seeds: --seeds " + std::to_string(kSeedsOfACell));
}

int run_twins(const Arguments& arguments) {
  const TwinsCommand command{{arguments.validators.value_or(4), arguments.twins_views},
                             arguments.seed,
                             arguments.twins,
                             arguments.twins_all,
                             arguments.json,
                             canary_of(arguments)};
  const base::TimePoint start = processor_time();
  const TwinsTotals totals = sim::run_twins(command, [&command](const RunIdentity& run) {
    begin(run);
    if (command.canary == Canary::kAbort) std::abort();
  });
  if (totals.failure) {
    print_failure(*totals.failure);
    return exit_code_of(totals.failure->failure_class);
  }
  const auto cpu_ms = static_cast<std::uint64_t>((processor_time() - start).milliseconds());
  std::printf("%s", report(command, totals, cpu_ms).c_str());
  return 0;
}

int run(const Arguments& arguments) {
  if (arguments.twins > 0 || arguments.twins_all) return run_twins(arguments);
  return arguments.behaviours ? run_behaviours(arguments) : run_seeds(arguments);
}

std::string command_line(int argc, char** argv) {
  std::string out = "peerpay-sim";
  for (int i = 1; i < argc; ++i) out += std::string{" "} + argv[i];
  return out;
}

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{
      "Runs a peerpay network in virtual time, under faults, and checks it. The same seed is the "
      "same run."};
  app.failure_message(
      [](const CLI::App*, const CLI::Error& error) { return std::string{error.what()} + "\n"; });
  add_options(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (const auto reason = invalid_reason(app, arguments)) {
    std::fprintf(stderr, "%s\n", reason->c_str());
    return kExitUsage;
  }
  begin({arguments.seed, "before the first run", command_line(argc, argv)});
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    std::signal(signal, on_fatal_signal);
  return run(arguments);
}

}  // namespace
}  // namespace peerpay::sim

int main(int argc, char** argv) { return peerpay::sim::main(argc, argv); }
