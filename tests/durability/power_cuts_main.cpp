// power-cuts --cuts N --first-seed S: lives of a validator's storage (power_cuts.h), one for each
// seed, until there were N power cuts. Ends with one line of JSON, and with 1 when a life broke a
// promise, the seed is named, or when too little was acknowledged for many cuts to say something;
// with 64 when the arguments are wrong.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>

#include "tests/durability/power_cuts.h"

namespace {

using peerpay::durability::PowerCutTotals;

void print(const PowerCutTotals& totals, std::uint64_t seed_next, double seconds, bool passed) {
  fmt::print(R"({{"passed":{},"cuts":{},"lives":{},"kills":{},"refusals_injected":{},)"
             R"("refusals_promised":{},"commits_acknowledged":{},"commits_lost_unacknowledged":{},)"
             R"("votes_acknowledged":{},"bytes_lost":{},"files_torn":{},"sectors_zeroed":{},)"
             R"("names_undone":{},"seed_next":{},"seconds":{:.1f},"cuts_per_s":{:.1f}}})"
             "\n",
             passed, totals.cuts, totals.lives, totals.kills, totals.refusals_injected,
             totals.refusals_promised, totals.commits_acknowledged,
             totals.commits_lost_unacknowledged, totals.votes_acknowledged, totals.bytes_lost,
             totals.files_torn, totals.sectors_zeroed, totals.names_undone, seed_next, seconds,
             static_cast<double>(totals.cuts) / seconds);
}

// Sound storage acknowledges three commits between two cuts.
bool says_little(const PowerCutTotals& totals) {
  constexpr std::uint64_t kManyCuts = 100;
  return totals.cuts >= kManyCuts && totals.commits_acknowledged < 2 * totals.cuts;
}

}  // namespace

int main(int count, char** arguments) {
  constexpr std::uint64_t kCutsOfALife = 20;
  constexpr std::uint64_t kMost = 1'000'000'000'000;
  constexpr int kExitUsage = 64;
  std::uint64_t cuts = 400;
  std::uint64_t seed = 1;
  CLI::App app{
      "Power cuts under a validator's storage; what was acknowledged must be there after."};
  app.add_option("--cuts", cuts, "how many power cuts there must have been at least")
      ->check(CLI::Range(std::uint64_t{1}, kMost))
      ->capture_default_str();
  app.add_option("--first-seed", seed, "of the first life; the others follow")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 63U))
      ->capture_default_str();
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }

  const auto chain = peerpay::durability::chain_of_lives();
  const auto began = std::chrono::steady_clock::now();
  PowerCutTotals totals;
  std::string defect;
  for (; totals.cuts < cuts && defect.empty(); ++seed) {
    defect = peerpay::durability::run_life(*chain, seed, kCutsOfALife, totals);
    if (defect.empty()) continue;
    fmt::print(stderr, "seed {}: {}\nagain: power-cuts --cuts 1 --first-seed {}\n", seed, defect,
               seed);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  if (defect.empty() && says_little(totals)) {
    defect = "too little was acknowledged";
    fmt::print(stderr, "{} power cuts, and only {} commits were acknowledged between them\n",
               totals.cuts, totals.commits_acknowledged);
  }
  print(totals, seed, took.count(), defect.empty());
  return defect.empty() ? 0 : 1;
}
