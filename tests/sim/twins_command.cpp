#include "tests/sim/twins_command.h"

#include <algorithm>
#include <set>

namespace peerpay::sim {

namespace {

std::string rerun_command(const TwinsCommand& command, std::uint64_t seed) {
  const std::string shape = " --validators " + std::to_string(command.shape.validators) +
                            " --twins-views " + std::to_string(command.shape.views);
  const std::string canary =
      command.canary == Canary::kNone ? "" : " --canary " + std::string{name(command.canary)};
  const std::string which = command.all ? "--twins-all --seed " : "--twins 1 --seed ";
  return "peerpay-sim " + which + std::to_string(seed) + shape + canary;
}

// False when it failed.
bool run_one(const TwinsCommand& command, const TwinsScenario& scenario, std::uint64_t seed,
             const Announce& announce, TwinsTotals& totals) {
  announce({seed, "scenario " + describe(scenario), rerun_command(command, seed)});
  const TwinsReport report = run_twins(scenario, base::Rng{seed});
  ++totals.scenarios;
  totals.with_evidence += report.evidence > 0;
  totals.with_nullified += report.nullified > 0;
  totals.steps += report.steps;
  totals.failure = report.failure;
  return !report.failure;
}

}  // namespace

TwinsTotals run_twins(const TwinsCommand& command, const Announce& announce) {
  TwinsTotals totals;
  if (command.all) {
    for (const TwinsScenario& scenario : all_canonical(command.shape)) {
      if (!run_one(command, scenario, command.seed, announce, totals)) return totals;
    }
    totals.distinct = totals.scenarios;
    return totals;
  }
  std::set<TwinsScenario> seen;
  for (std::uint64_t seed = command.seed; seed < command.seed + command.scenarios; ++seed) {
    base::Rng rng{seed};
    const TwinsScenario scenario = canonical(draw_twins(command.shape, rng));
    seen.insert(scenario);
    if (!run_one(command, scenario, seed, announce, totals)) return totals;
  }
  totals.distinct = seen.size();
  return totals;
}

std::string report(const TwinsCommand& command, const TwinsTotals& totals, std::uint64_t cpu_ms) {
  const std::uint64_t a_second = totals.scenarios * 1'000 / std::max<std::uint64_t>(1, cpu_ms);
  const std::string all = count_canonical(command.shape);
  const auto text = [](std::uint64_t value) { return std::to_string(value); };
  if (command.json) {
    return "{\"twins\":" + text(totals.scenarios) + ",\"distinct\":" + text(totals.distinct) +
           ",\"canonical\":" + all + ",\"validators\":" + text(command.shape.validators) +
           ",\"views\":" + text(command.shape.views) +
           ",\"with_evidence\":" + text(totals.with_evidence) +
           ",\"with_nullified\":" + text(totals.with_nullified) +
           ",\"steps\":" + text(totals.steps) + ",\"cpu_ms\":" + text(cpu_ms) +
           ",\"per_second_and_core\":" + text(a_second) + "}\n";
  }
  return text(totals.scenarios) + " scenarios, " + text(totals.distinct) +
         " of them distinct, of " + all + " canonical ones (n=" + text(command.shape.validators) +
         ", " + text(command.shape.views) + " views); evidence in " + text(totals.with_evidence) +
         ", views nullified in " + text(totals.with_nullified) + "; " + text(totals.steps) +
         " steps in " + text(cpu_ms) + " ms of processor time: " + text(a_second) +
         " scenarios a second and core\n";
}

}  // namespace peerpay::sim
