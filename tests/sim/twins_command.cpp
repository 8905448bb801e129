#include "tests/sim/twins_command.h"

#include <cstdio>
#include <ctime>
#include <set>
#include <string>

namespace peerpay::sim {

namespace {

struct TwinsTotals {
  std::uint64_t scenarios = 0;
  std::uint64_t with_evidence = 0;
  std::uint64_t with_nullified = 0;
  std::uint64_t steps = 0;
};

// Zero when it passed.
int run_one(const TwinsScenario& scenario, std::uint64_t seed, const std::string& rerun,
            TwinsTotals& totals) {
  const TwinsReport report = run_twins(scenario, base::Rng{seed});
  ++totals.scenarios;
  totals.with_evidence += report.evidence > 0;
  totals.with_nullified += report.nullified > 0;
  totals.steps += report.steps;
  if (!report.failure) return 0;
  std::fprintf(stderr, "FAILED: %s (%s): %s\n  scenario %s\n  rerun    %s\n",
               std::string{name(report.failure->failure_class)}.c_str(),
               std::string{report.failure->checker}.c_str(), report.failure->explanation.c_str(),
               describe(scenario).c_str(), rerun.c_str());
  return static_cast<int>(report.failure->failure_class);
}

std::string rerun_command(const TwinsCommand& command, std::uint64_t seed) {
  const std::string shape = " --validators " + std::to_string(command.shape.validators) +
                            " --twins-views " + std::to_string(command.shape.views);
  if (command.all) return "peerpay-sim --twins-all" + shape;
  return "peerpay-sim --twins 1 --seed " + std::to_string(seed) + shape;
}

void print(const TwinsCommand& command, const TwinsTotals& totals, std::uint64_t distinct,
           std::clock_t taken) {
  const auto ms = static_cast<std::uint64_t>(taken) * 1'000 / CLOCKS_PER_SEC;
  const auto a_second = totals.scenarios * 1'000 / (ms > 0 ? ms : 1);
  const std::string all = count_canonical(command.shape);
  const char* pattern =
      command.json
          ? "{\"twins\":%llu,\"distinct\":%llu,\"canonical\":%s,\"validators\":%u,\"views\":%u,"
            "\"with_evidence\":%llu,\"with_nullified\":%llu,\"steps\":%llu,\"cpu_ms\":%llu,"
            "\"per_second_and_core\":%llu}\n"
          : "%llu scenarios, %llu of them distinct, of %s canonical ones (n=%u, %u views); "
            "evidence "
            "in %llu, views nullified in %llu; %llu steps in %llu ms of processor time: %llu "
            "scenarios a second and core\n";
  std::printf(pattern, static_cast<unsigned long long>(totals.scenarios),
              static_cast<unsigned long long>(distinct), all.c_str(), command.shape.validators,
              command.shape.views, static_cast<unsigned long long>(totals.with_evidence),
              static_cast<unsigned long long>(totals.with_nullified),
              static_cast<unsigned long long>(totals.steps), static_cast<unsigned long long>(ms),
              static_cast<unsigned long long>(a_second));
}

}  // namespace

int run_twins_command(const TwinsCommand& command) {
  TwinsTotals totals;
  std::set<TwinsScenario> seen;
  const std::clock_t start = std::clock();
  if (command.all) {
    for (const TwinsScenario& scenario : all_canonical(command.shape)) {
      const int failed = run_one(scenario, command.seed, rerun_command(command, 0), totals);
      if (failed != 0) return failed;
    }
    print(command, totals, totals.scenarios, std::clock() - start);
    return 0;
  }
  for (std::uint64_t seed = command.seed; seed < command.seed + command.scenarios; ++seed) {
    base::Rng rng{seed};
    const TwinsScenario scenario = canonical(draw_twins(command.shape, rng));
    seen.insert(scenario);
    const int failed = run_one(scenario, seed, rerun_command(command, seed), totals);
    if (failed != 0) return failed;
  }
  print(command, totals, seen.size(), std::clock() - start);
  return 0;
}

}  // namespace peerpay::sim
