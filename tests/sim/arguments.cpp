#include "tests/sim/arguments.h"

#include <algorithm>
#include <string_view>

#include <CLI/CLI.hpp>

#include "tests/sim/whole_number.h"

namespace peerpay::sim {

namespace {

// The last seed of any series still has a number.
constexpr std::uint64_t kSeedMax = std::uint64_t{1} << 62;
constexpr std::uint64_t kRunsMax = 1'000'000'000;
constexpr std::uint64_t kSafetyMsMax = 86'400'000;  // a day: no run of it ends within its steps
constexpr std::uint64_t kTransactionsMax = 1'000'000;
constexpr std::uint32_t kTwinsCellsMax = 12;  // of which every scenario can be made

// What is run; as bits, so that an option can name all that it goes with.
enum Mode : unsigned {
  kDrawn = 1,   // what each seed draws
  kOne = 2,     // one behaviour
  kMatrix = 4,  // every behaviour, as a table
  kTwins = 8,
};
constexpr Mode kModes[] = {kDrawn, kOne, kMatrix, kTwins};
constexpr unsigned kWholeRuns = kDrawn | kOne | kMatrix;

std::string_view name(Mode mode) {
  switch (mode) {
    case kDrawn: return "runs of what a seed draws";
    case kOne: return "--behaviour";
    case kMatrix: return "--behaviours";
    case kTwins: return "Twins";
  }
  return {};
}

// What an option that is not named here goes with does not matter.
struct Scope {
  const char* option;
  unsigned modes;
};
constexpr Scope kScopes[] = {
    {"--seeds", kWholeRuns},       {"--without", kWholeRuns},
    {"--safety-ms", kWholeRuns},   {"--transactions", kWholeRuns},
    {"--canary", kDrawn | kTwins}, {"--validators", kOne | kTwins},
    {"--twins-views", kTwins},     {"--twice", kDrawn | kOne},
    {"--trace", kDrawn | kOne},    {"--real-signatures", kWholeRuns},
    {"--no-blind-spots", kDrawn},
};

Mode mode_of(const Arguments& arguments) {
  if (arguments.twins > 0 || arguments.twins_all) return kTwins;
  if (arguments.behaviours) return kMatrix;
  return arguments.behaviour == "none" ? kDrawn : kOne;
}

// "a, b and c".
std::string joined(const std::vector<std::string_view>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " and " : ", ";
    out += names[i];
  }
  return out;
}

std::string fault_list() {
  std::vector<std::string_view> names = fault_names();
  names.emplace_back("all");
  return joined(names);
}

std::string canary_list() {
  std::vector<std::string_view> names;
  for (const Canary canary : kAllCanaries) names.push_back(name(canary));
  return joined(names);
}

std::optional<Canary> canary_named(std::string_view text) {
  if (text == name(Canary::kNone)) return Canary::kNone;
  for (const Canary canary : kAllCanaries) {
    if (text == name(canary)) return canary;
  }
  return std::nullopt;
}

void add_runs(CLI::App& app, Arguments& arguments) {
  app.add_option("--seed", arguments.seed, "First seed")
      ->check(whole_number(0, kSeedMax))
      ->capture_default_str();
  app.add_option("--seeds", arguments.seeds,
                 "How many seeds, one after the other [1; with --behaviours " +
                     std::to_string(kSeedsOfACell) + "]")
      ->check(whole_number(1, kRunsMax));
  app.add_option("--without", arguments.without,
                 "Leave out a fault; may be repeated. There are " + fault_list())
      ->allow_extra_args(false);
  app.add_option("--safety-ms", arguments.safety_ms,
                 "Length of the phase with faults, instead of the seed's")
      ->check(whole_number(1, kSafetyMsMax));
  app.add_option("--transactions", arguments.transactions,
                 "How many payments, instead of the seed's number")
      ->check(whole_number(0, kTransactionsMax));
  app.add_option("--canary", arguments.canary,
                 "Plant a defect that must be found. There are " + canary_list() +
                     "; Twins know abort alone")
      ->capture_default_str();
}

void add_behaviours_and_twins(CLI::App& app, Arguments& arguments) {
  app.add_option("--behaviour", arguments.behaviour,
                 "Runs of one behaviour, B1 to B26, instead of what the seed draws");
  app.add_option("--validators", arguments.validators, "How many, with --behaviour or Twins [4]")
      ->check(whole_number(4, 13));
  app.add_flag("--behaviours", arguments.behaviours,
               "Every behaviour with 4, 7, 10 and 13 validators, --seeds times each; fails when in "
               "some cell it never acted or its expected outcome was never seen");
  app.add_option("--twins", arguments.twins,
                 "So many Twins scenarios, drawn, with --validators, instead of whole runs")
      ->check(whole_number(1, kRunsMax));
  app.add_option("--twins-views", arguments.twins_views, "Views of a Twins scenario's prefix")
      ->check(whole_number(1, 5))
      ->capture_default_str();
  app.add_flag("--twins-all", arguments.twins_all,
               "Every canonical Twins scenario; up to 12 cells of validators and views");
}

// The first option that says nothing about what is run.
std::optional<std::string> misplaced_option(const CLI::App& app, Mode mode) {
  for (const Scope& scope : kScopes) {
    if ((scope.modes & mode) != 0 || app.count(scope.option) == 0) continue;
    std::vector<std::string_view> others;
    for (const Mode other : kModes) {
      if ((scope.modes & other) != 0) others.push_back(name(other));
    }
    return std::string{scope.option} + " goes with " + joined(others) + ", not with " +
           std::string{name(mode)} + ".";
  }
  return std::nullopt;
}

std::optional<std::string> unknown_name(const CLI::App& app, const Arguments& arguments) {
  if (!canary_named(arguments.canary))
    return "There is no canary \"" + arguments.canary + "\"; there are " + canary_list() + ".";
  const auto behaviour = behaviour_named(arguments.behaviour);
  if (app.count("--behaviour") > 0 && behaviour.value_or(Behaviour::kNone) == Behaviour::kNone)
    return "There is no behaviour \"" + arguments.behaviour + "\"; there are B1 to B26.";
  for (const std::string& fault : arguments.without) {
    Options ignored;
    if (!switch_off(fault, ignored))
      return "There is no fault \"" + fault + "\" to leave out; there are " + fault_list() + ".";
  }
  return std::nullopt;
}

}  // namespace

void add_options(CLI::App& app, Arguments& arguments) {
  add_runs(app, arguments);
  add_behaviours_and_twins(app, arguments);
  app.add_flag("--no-blind-spots", arguments.no_blind_spots,
               "Fail when over all seeds some kind of payment, fault or place that runs must see "
               "was never seen");
  app.add_flag("--twice", arguments.twice, "Run each seed twice and compare the audit hashes");
  app.add_flag("--trace", arguments.trace, "Print everything that happens");
  app.add_flag("--json", arguments.json,
               "One JSON object for each run, and with several seeds one of the totals");
  app.add_flag("--quiet", arguments.quiet, "Print failures and totals only");
  app.add_flag("--real-signatures", arguments.signatures_real,
               "BIP-340 signatures instead of stand-ins (slow)");
}

std::optional<std::string> invalid_reason(const CLI::App& app, const Arguments& arguments) {
  if (auto reason = unknown_name(app, arguments)) return reason;
  constexpr const char* kSelectors[] = {"--behaviour", "--behaviours", "--twins", "--twins-all"};
  const auto selected = std::ranges::count_if(
      kSelectors, [&app](const char* selector) { return app.count(selector) > 0; });
  if (selected > 1) return "Only one of --behaviour, --behaviours, --twins and --twins-all is run.";
  const Mode mode = mode_of(arguments);
  if (auto reason = misplaced_option(app, mode)) return reason;
  const bool leaves_out_actors = std::ranges::any_of(
      arguments.without, [](const auto& fault) { return fault == "byzantine" || fault == "all"; });
  if (mode != kDrawn && leaves_out_actors)
    return "Nothing is left of a behaviour --without byzantine or --without all.";
  const Canary canary = canary_of(arguments);
  if (mode == kTwins && canary != Canary::kNone && canary != Canary::kAbort)
    return "Twins know no canary but abort.";
  const std::uint32_t others = arguments.validators.value_or(4) - 1;
  if (arguments.twins_all && arguments.twins_views * others > kTwinsCellsMax)
    return "So many Twins scenarios can only be drawn: --twins.";
  return std::nullopt;
}

Canary canary_of(const Arguments& arguments) { return *canary_named(arguments.canary); }

std::uint64_t seeds_of(const Arguments& arguments) {
  return arguments.seeds.value_or(arguments.behaviours ? kSeedsOfACell : 1);
}

Options options_of(std::uint64_t seed, const Arguments& arguments) {
  const Behaviour behaviour = *behaviour_named(arguments.behaviour);
  Options out = behaviour == Behaviour::kNone
                    ? draw_options(seed)
                    : draw_options(behaviour, arguments.validators.value_or(4), seed);
  plant(canary_of(arguments), out);
  out.signatures_real = arguments.signatures_real;
  for (const std::string& fault : arguments.without) (void)switch_off(fault, out);
  if (arguments.safety_ms)
    out.safety_phase = base::milliseconds(static_cast<std::int64_t>(*arguments.safety_ms));
  if (arguments.transactions) out.workload.transactions_max = *arguments.transactions;
  return out;
}

std::string rerun_command(const Options& options, const Arguments& arguments) {
  std::string out = "peerpay-sim --seed " + std::to_string(options.seed);
  for (const std::string& fault : arguments.without) out += " --without " + fault;
  if (arguments.safety_ms) out += " --safety-ms " + std::to_string(*arguments.safety_ms);
  if (arguments.transactions) out += " --transactions " + std::to_string(*arguments.transactions);
  if (arguments.behaviour != name(Behaviour::kNone))
    out += " --behaviour " + arguments.behaviour + " --validators " +
           std::to_string(options.validators);
  if (options.canary != Canary::kNone) out += " --canary " + std::string{name(options.canary)};
  if (arguments.twice) out += " --twice";
  if (options.signatures_real) out += " --real-signatures";
  return out;
}

}  // namespace peerpay::sim
