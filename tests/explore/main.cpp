// peerpay-explore: walks through the states of four real engines. docs/SIMULATION.md,
// "Exploration".

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "tests/explore/command.h"
#include "tests/sim/whole_number.h"

namespace peerpay::explore {
namespace {

constexpr int kExitUsage = 64;
// More than any memory holds.
constexpr std::uint64_t kStatesMax = 1'000'000'000'000;
constexpr std::uint64_t kSeedMax = std::numeric_limits<std::uint64_t>::max();

// Not safe by the letter of POSIX; the process is lost anyway, and the path is what matters.
extern "C" void on_fatal_signal(int signal) {
  std::signal(signal, SIG_DFL);
  std::fprintf(stderr, "FAILED: crash: signal %d\n", signal);
  print_where_it_is();
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(sim::FailureClass::kCrash));
}

void add_options(CLI::App& app, Command& command) {
  app.add_option("--states", command.states,
                 "Distinct states at which it stops; one that several worlds meet counts once")
      ->check(sim::whole_number(1, kStatesMax))
      ->capture_default_str();
  app.add_option("--views", command.views, "Views")
      ->check(sim::whole_number(1, kViewsMax))
      ->capture_default_str();
  app.add_option("--crashes", command.crashes,
                 "Crashes, of all together; half of the worlds have none")
      ->check(sim::whole_number(0, kHonest))
      ->capture_default_str();
  app.add_flag("--each-vote", command.each_vote, "Votes one by one, and every step followed");
  app.add_option("--seed", command.seed, "Of the order, and of the dives")
      ->check(sim::whole_number(0, kSeedMax))
      ->capture_default_str();
  app.add_option("--path", command.path, "Run the steps that a failure printed")
      ->check([](const std::string& text) {
        return text.empty() ? std::string{"it begins with a world"} : std::string{};
      });
  app.add_flag("--json", command.json, "One JSON object for each world, and one for all");
}

// The first option that --path would ignore.
std::optional<std::string> misplaced_option(const CLI::App& app) {
  if (app.count("--path") == 0) return std::nullopt;
  for (const char* const option :
       {"--states", "--views", "--crashes", "--each-vote", "--seed", "--json"}) {
    if (app.count(option) > 0)
      return std::string{option} + " does not go with --path, which names its world and steps.";
  }
  return std::nullopt;
}

int main(int argc, char** argv) {
  Command command;
  CLI::App app{"Explores every state that four engines, one of them Byzantine, can get into."};
  app.failure_message(
      [](const CLI::App*, const CLI::Error& error) { return std::string{error.what()} + "\n"; });
  add_options(app, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (const auto reason = misplaced_option(app)) {
    std::fprintf(stderr, "%s\n", reason->c_str());
    return kExitUsage;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    std::signal(signal, on_fatal_signal);
  return run(command);
}

}  // namespace
}  // namespace peerpay::explore

int main(int argc, char** argv) { return peerpay::explore::main(argc, argv); }
