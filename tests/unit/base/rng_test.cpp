#include "base/rng.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

namespace peerpay::base {
namespace {

// First outputs of SplitMix64, as printed by its authors' C code (prng.di.unimi.it/splitmix64.c).
TEST(Rng, GivesTheOutputsOfSplitMix64) {
  Rng zero{0};
  for (const std::uint64_t expected :
       {0xe220a8397b1dcdafU, 0x6e789e6aa1b965f4U, 0x06c45d188009454fU}) {
    EXPECT_EQ(zero.next(), expected);
  }
  Rng other{1234567};
  for (const std::uint64_t expected :
       {6457827717110365317U, 3203168211198807973U, 9817491932198370423U, 4593380528125082431U,
        16408922859458223821U}) {
    EXPECT_EQ(other.next(), expected);
  }
}

TEST(Rng, BelowOneIsZero) {
  Rng rng{1};
  for (int i = 0; i < 100; ++i) EXPECT_EQ(rng.below(1), 0U);
}

TEST(Rng, BelowReachesEveryValueAndNoOther) {
  Rng rng{2};
  std::array<int, 7> counts{};
  for (int i = 0; i < 7000; ++i) ++counts.at(rng.below(counts.size()));
  for (const int count : counts) {
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
  }
}

// A plain modulo by 3 * 2^62 would put half of all draws into the first third.
TEST(Rng, BelowIsUnbiasedForBoundsThatDoNotDivideTheRange) {
  constexpr std::uint64_t kThird = std::uint64_t{1} << 62;
  Rng rng{3};
  int in_first_third = 0;
  for (int i = 0; i < 9000; ++i) {
    const auto draw = rng.below(3 * kThird);
    ASSERT_LT(draw, 3 * kThird);
    if (draw < kThird) ++in_first_third;
  }
  EXPECT_GT(in_first_third, 2800);
  EXPECT_LT(in_first_third, 3200);
}

// For 2^63 + 1, the worst bound, the first 2^63 - 1 of the 2^64 draws are refused.
TEST(Rng, BelowRefusesExactlyTheSurplusDraws) {
  constexpr std::uint64_t kBound = (std::uint64_t{1} << 63) + 1;
  Rng rng{4};
  Rng reference{4};
  for (int i = 0; i < 1000; ++i) {
    std::uint64_t draw = reference.next();
    while (draw < kBound - 2) draw = reference.next();
    ASSERT_EQ(rng.below(kBound), draw % kBound);
  }
}

TEST(Rng, BetweenIncludesBothEnds) {
  Rng rng{5};
  std::array<bool, 3> seen{};
  for (int i = 0; i < 100; ++i) seen.at(rng.between(10, 12) - 10) = true;
  EXPECT_EQ(seen, (std::array<bool, 3>{true, true, true}));
  EXPECT_EQ(rng.between(9, 9), 9U);
  EXPECT_EQ(rng.between(UINT64_MAX, UINT64_MAX), UINT64_MAX);
}

TEST(Rng, BetweenCoversTheWholeRange) {
  Rng rng{6};
  Rng reference{6};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(rng.between(0, UINT64_MAX), reference.next());
}

TEST(Rng, ChanceIsTheGivenFraction) {
  Rng rng{7};
  int hits = 0;
  for (int i = 0; i < 8000; ++i) {
    EXPECT_FALSE(rng.chance(0, 8));
    EXPECT_TRUE(rng.chance(8, 8));
    if (rng.chance(3, 8)) ++hits;
  }
  EXPECT_GT(hits, 2800);
  EXPECT_LT(hits, 3200);
}

TEST(RngDeathTest, RefusesEmptyAndReversedRanges) {
  Rng rng{8};
  EXPECT_DEATH(rng.below(0), "an empty range has no element");
  EXPECT_DEATH(rng.between(2, 1), "a range must not be reversed");
}

}  // namespace
}  // namespace peerpay::base
