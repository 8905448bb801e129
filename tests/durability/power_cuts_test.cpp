#include <gtest/gtest.h>

#include "tests/durability/power_cuts.h"

namespace peerpay::durability {
namespace {

constexpr std::uint64_t kCuts = 250;
constexpr std::uint64_t kCutsOfALife = 20;

TEST(PowerCuts, NothingAcknowledgedIsLost) {
  const auto chain = chain_of_lives();
  PowerCutTotals totals;
  for (std::uint64_t seed = 1; totals.cuts < kCuts; ++seed) {
    ASSERT_EQ(run_life(*chain, seed, kCutsOfALife, totals), "") << "seed " << seed;
  }
  // The disk did what it is for.
  EXPECT_GT(totals.commits_acknowledged, kCuts / 2);
  EXPECT_GT(totals.votes_acknowledged, kCuts);
  EXPECT_GT(totals.kills, 10U);
  EXPECT_GT(totals.refusals_injected, 5U);
  EXPECT_GT(totals.bytes_lost, 10'000U);
  EXPECT_GT(totals.files_torn, 5U);
  EXPECT_GT(totals.sectors_zeroed, 5U);
  EXPECT_GT(totals.names_undone, 100U);
}

}  // namespace
}  // namespace peerpay::durability
