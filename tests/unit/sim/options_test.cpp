// What a seed draws, and what is left out of it.
#include "tests/sim/options.h"

#include <gtest/gtest.h>

#include <string>

namespace peerpay::sim::testing {
namespace {

TEST(Options, HaveCutOffsInAShareOfTheSeeds) {
  int with = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed)
    with += draw_options(seed).faults.cut_off_one_in > 0;
  EXPECT_GT(with, 15);
  EXPECT_LT(with, 60);
}

// B18 alone has them: another behaviour's runs stay what they are.
TEST(Options, OfBehavioursHaveNoCutOffsButB18) {
  for (std::uint32_t b = 1; b <= kBehaviours; ++b) {
    const auto behaviour = static_cast<Behaviour>(b);
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      const bool has = draw_options(behaviour, 4, seed).faults.cut_off_one_in > 0;
      EXPECT_EQ(has, behaviour == Behaviour::kCrashesBetween) << b << " " << seed;
    }
  }
}

TEST(Options, WithoutAllAreAsWithoutEach) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Options all = draw_options(seed);
    Options each = all;
    ASSERT_TRUE(switch_off("all", all));
    for (const std::string_view fault : fault_names()) ASSERT_TRUE(switch_off(fault, each));
    EXPECT_EQ(describe(all), describe(each));
    EXPECT_EQ(all.byzantine, 0U);
    EXPECT_EQ(all.behaviour, Behaviour::kNone);
  }
  Options ignored;
  EXPECT_FALSE(switch_off("rain", ignored));
}

}  // namespace
}  // namespace peerpay::sim::testing
