#include "node/core/block_pace.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ledger/limits.h"

namespace peerpay::node {
namespace {

constexpr std::int64_t kDelayMs = 20;
constexpr std::int64_t kExtraMs = BlockPace::kExtraMax.milliseconds();
constexpr std::int64_t kExtraOfTurnsMs =
    std::max(BlockPace::kExtraOfTurnsMax.milliseconds(), kDelayMs / 4);

struct BlockPaceTest : ::testing::Test {
  // A block that takes so long beyond the network's delay.
  void block(std::size_t weight, std::int64_t extra_ms, std::size_t turns = 1) {
    ++view.value;
    pace.proposed(view, {weight, turns}, now);
    now = now + base::milliseconds(delay_ms + extra_ms);
    pace.certified(view, now);
  }
  void full_turns(std::int64_t extra_ms) { block(100, extra_ms, pace.max().turns); }
  void full_block(std::int64_t extra_ms) { block(pace.max().weight, extra_ms); }

  std::int64_t delay_ms = kDelayMs;  // of the network
  BlockPace pace;
  consensus::View view;
  base::TimePoint now{1'000};
};

TEST_F(BlockPaceTest, FullBlocksThatAreCertifiedSoonLetTheNextBeLarger) {
  block(1, 0);
  full_block(kExtraMs);
  EXPECT_EQ(pace.max().weight, BlockPace::kAtStart.weight + BlockPace::kWeightMore);
  for (int i = 0; i < 300; ++i) full_block(0);
  EXPECT_EQ(pace.max().weight, ledger::kBlockTransactionsMax);
}

TEST_F(BlockPaceTest, ABlockThatIsNotFullShowsNotThatMoreCanBeBorne) {
  block(1, 0);
  block(BlockPace::kAtStart.weight - 1, 0);
  EXPECT_EQ(pace.max().weight, BlockPace::kAtStart.weight);
}

TEST_F(BlockPaceTest, OneThatTookTooLongHalvesTheNext) {
  block(1, 0);
  full_block(kExtraMs + 1);
  EXPECT_EQ(pace.max().weight, BlockPace::kAtStart.weight / 2);
  for (int i = 0; i < 3; ++i) full_block(10 * kExtraMs);
  EXPECT_EQ(pace.max().weight, BlockPace::kMin.weight);
}

TEST_F(BlockPaceTest, WhatIsFarAwayIsNotSlowAndNotSteady) {
  delay_ms = 10 * kExtraMs;
  block(1, 0);
  full_block(delay_ms);
  EXPECT_GT(pace.max().weight, BlockPace::kAtStart.weight);
  full_block(delay_ms + 1);
  EXPECT_LT(pace.max().weight, BlockPace::kAtStart.weight);
}

TEST_F(BlockPaceTest, OneThatIsNeverCertifiedTookTooLong) {
  block(1, 0);
  pace.proposed({7}, {BlockPace::kMin.weight + 1, 2}, now);
  pace.proposed({8}, {1, 1}, now);
  EXPECT_EQ(pace.max().weight, BlockPace::kAtStart.weight / 2);
  EXPECT_EQ(pace.max().turns, BlockPace::kAtStart.turns / 2);
}

// A heartbeat that a partition swallowed was not too large.
TEST_F(BlockPaceTest, OneOfHardlyAnythingThatIsNeverCertifiedSaysNothing) {
  block(1, 0);
  for (std::uint64_t lost = 7; lost < 12; ++lost)
    pace.proposed({lost}, {BlockPace::kMin.weight, 1}, now);
  EXPECT_EQ(pace.max().weight, BlockPace::kAtStart.weight);
  EXPECT_EQ(pace.max().turns, BlockPace::kAtStart.turns);
}

TEST_F(BlockPaceTest, AnotherViewsCertificateIsNotItsOwn) {
  block(1, 0);
  pace.proposed({9}, BlockPace::kAtStart, now);
  pace.certified({8}, now);
  EXPECT_EQ(pace.max().weight, BlockPace::kAtStart.weight);
  now = now + base::seconds(9);
  pace.certified({12}, now);  // final above it
  EXPECT_EQ(pace.max().weight, BlockPace::kAtStart.weight / 2);
}

// Else a network that got slower would have small blocks for ever.
TEST_F(BlockPaceTest, SmallBlocksShowADelayThatHasGrown) {
  block(1, 0);
  for (int i = 0; i < 4; ++i) full_block(20 * kExtraMs);
  EXPECT_EQ(pace.max().weight, BlockPace::kMin.weight);
  for (int i = 0; i < 100; ++i) full_block(20 * kExtraMs);
  EXPECT_GT(pace.max().weight, BlockPace::kAtStart.weight);
}

// A flood of one sender, and of a few: each of their turns makes the block longer.
TEST_F(BlockPaceTest, TurnsOfSendersMayAddLessToABlockThanManySenders) {
  block(1, 0);
  for (int i = 0; i < 6; ++i) full_turns(kExtraOfTurnsMs);
  EXPECT_EQ(pace.max().turns, BlockPace::kAtStart.turns + 6);
  full_turns(kExtraOfTurnsMs + 1);
  EXPECT_EQ(pace.max().turns, (BlockPace::kAtStart.turns + 6) / 2);
  EXPECT_EQ(pace.max().weight, BlockPace::kAtStart.weight);
  for (int i = 0; i < 9; ++i) block(100, kExtraMs, 2);
  EXPECT_EQ(pace.max().turns, BlockPace::kMin.turns);
}

TEST_F(BlockPaceTest, OneSenderSoonHasAnIdleNetworkToItself) {
  block(1, 0);
  for (int i = 0; i < 5; ++i) block(pace.max().turns, 0, pace.max().turns);
  EXPECT_EQ(pace.max().turns, 32 * BlockPace::kAtStart.turns);
  full_turns(kExtraMs);
  block(16 * BlockPace::kAtStart.turns, 0, 16 * BlockPace::kAtStart.turns);
  EXPECT_EQ(pace.max().turns, 16 * BlockPace::kAtStart.turns + 1) << "it has been too many since";
}

TEST_F(BlockPaceTest, ABlockOfOneTurnSaysNothingOfTurns) {
  block(1, 0);
  block(100, kExtraMs);
  EXPECT_EQ(pace.max().turns, BlockPace::kAtStart.turns);
}

TEST_F(BlockPaceTest, WhereTheNetworkIsSlowTurnsMayTakeAQuarterAsLongAgain) {
  delay_ms = 10 * kExtraOfTurnsMs;
  block(1, 0);
  full_turns(delay_ms / 4);
  EXPECT_GT(pace.max().turns, BlockPace::kAtStart.turns);
  full_turns(delay_ms / 4 + 1);
  EXPECT_LT(pace.max().turns, BlockPace::kAtStart.turns);
}

TEST_F(BlockPaceTest, WhereTheNetworkIsFastTurnsMayTakeAFewMilliseconds) {
  constexpr std::int64_t kExtraMaxMs = BlockPace::kExtraOfTurnsMax.milliseconds();
  delay_ms = 4;
  block(1, 0);
  full_turns(kExtraMaxMs);
  EXPECT_GT(pace.max().turns, BlockPace::kAtStart.turns);
  full_turns(kExtraMaxMs + 1);
  EXPECT_LT(pace.max().turns, BlockPace::kAtStart.turns);
}

// What others pay makes blocks longer, too, and is not the fault of who sends several payments.
TEST_F(BlockPaceTest, TurnsAreComparedWithBlocksOfOneTurnHoweverLarge) {
  block(1, 0);
  while (pace.max().turns > BlockPace::kMin.turns) block(200, kExtraMs, 2);
  for (int i = 0; i < 50; ++i) block(200, kExtraMs, pace.max().turns);
  EXPECT_GT(pace.max().turns, BlockPace::kAtStart.turns);
}

TEST(WeightOf, FollowsTheOperations) {
  EXPECT_EQ(weight_of(1), 1U);
  EXPECT_EQ(weight_of(100), 7U);
  EXPECT_EQ(weight_of(1'024), 65U);
}

}  // namespace
}  // namespace peerpay::node
