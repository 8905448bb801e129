#include "node/core/block_pace.h"

#include <gtest/gtest.h>

#include "ledger/limits.h"

namespace peerpay::node {
namespace {

constexpr std::int64_t kDelayMs = 20;
constexpr std::int64_t kExtraMs = BlockPace::kExtraMax.milliseconds();
constexpr std::int64_t kExtraOfTurnsMs = BlockPace::kExtraOfTurnsMax.milliseconds();

struct BlockPaceTest : ::testing::Test {
  // A block that takes so long beyond the network's delay.
  void block(std::size_t transactions, std::int64_t extra_ms, std::size_t turns = 1) {
    ++view.value;
    pace.proposed(view, {transactions, turns}, now);
    now = now + base::milliseconds(delay_ms + extra_ms);
    pace.certified(view, now);
  }
  void full_block(std::int64_t extra_ms) { block(pace.max().transactions, extra_ms); }

  std::int64_t delay_ms = kDelayMs;  // of the network
  BlockPace pace;
  consensus::View view;
  base::TimePoint now{1'000};
};

TEST_F(BlockPaceTest, FullBlocksThatAreCertifiedSoonLetTheNextBeLarger) {
  block(1, 0);
  full_block(kExtraMs);
  EXPECT_EQ(pace.max().transactions,
            BlockPace::kAtStart.transactions + BlockPace::kMore.transactions);
  for (int i = 0; i < 300; ++i) full_block(0);
  EXPECT_EQ(pace.max().transactions, ledger::kBlockTransactionsMax);
}

TEST_F(BlockPaceTest, ABlockThatIsNotFullShowsNotThatMoreCanBeBorne) {
  block(1, 0);
  block(BlockPace::kAtStart.transactions - 1, 0);
  EXPECT_EQ(pace.max().transactions, BlockPace::kAtStart.transactions);
}

TEST_F(BlockPaceTest, OneThatTookTooLongHalvesTheNext) {
  block(1, 0);
  full_block(kExtraMs + 1);
  EXPECT_EQ(pace.max().transactions, BlockPace::kAtStart.transactions / 2);
  for (int i = 0; i < 3; ++i) full_block(10 * kExtraMs);
  EXPECT_EQ(pace.max().transactions, BlockPace::kMin.transactions);
}

TEST_F(BlockPaceTest, WhatIsFarAwayIsNotSlowAndNotSteady) {
  delay_ms = 10 * kExtraMs;
  block(1, 0);
  full_block(delay_ms);
  EXPECT_GT(pace.max().transactions, BlockPace::kAtStart.transactions);
  full_block(delay_ms + 1);
  EXPECT_LT(pace.max().transactions, BlockPace::kAtStart.transactions);
}

TEST_F(BlockPaceTest, OneThatIsNeverCertifiedTookTooLong) {
  block(1, 0);
  pace.proposed({7}, {10, 1}, now);
  pace.proposed({8}, {10, 1}, now);
  EXPECT_EQ(pace.max().transactions, BlockPace::kAtStart.transactions / 2);
}

TEST_F(BlockPaceTest, AnotherViewsCertificateIsNotItsOwn) {
  block(1, 0);
  pace.proposed({9}, BlockPace::kAtStart, now);
  pace.certified({8}, now);
  EXPECT_EQ(pace.max().transactions, BlockPace::kAtStart.transactions);
  now = now + base::seconds(9);
  pace.certified({12}, now);  // final above it
  EXPECT_EQ(pace.max().transactions, BlockPace::kAtStart.transactions / 2);
}

// Else a network that got slower would have small blocks for ever.
TEST_F(BlockPaceTest, SmallBlocksShowADelayThatHasGrown) {
  block(1, 0);
  for (int i = 0; i < 4; ++i) full_block(20 * kExtraMs);
  EXPECT_EQ(pace.max().transactions, BlockPace::kMin.transactions);
  for (int i = 0; i < 100; ++i) full_block(20 * kExtraMs);
  EXPECT_GT(pace.max().transactions, BlockPace::kAtStart.transactions);
}

// A flood of one sender, and of a few: each of their turns makes the block longer.
TEST_F(BlockPaceTest, TurnsOfSendersAddLessToABlockThanManySenders) {
  delay_ms = kExtraOfTurnsMs;
  block(1, 0);
  block(100, kExtraOfTurnsMs, pace.max().turns);
  EXPECT_EQ(pace.max().turns, BlockPace::kAtStart.turns + 1);
  block(100, kExtraOfTurnsMs + 1, pace.max().turns);
  EXPECT_EQ(pace.max().turns, (BlockPace::kAtStart.turns + 1) / 2);
  EXPECT_EQ(pace.max().transactions, BlockPace::kAtStart.transactions);
  for (int i = 0; i < 9; ++i) block(100, kExtraOfTurnsMs + 1, 2);
  EXPECT_EQ(pace.max().turns, BlockPace::kMin.turns);
}

TEST_F(BlockPaceTest, ABlockOfOneTurnSaysNothingOfTurns) {
  block(1, 0);
  block(100, kExtraMs);
  EXPECT_EQ(pace.max().turns, BlockPace::kAtStart.turns);
}

TEST_F(BlockPaceTest, WhereTheNetworkIsSlowTurnsMayTakeHalfOfItsDelay) {
  delay_ms = 10 * kExtraOfTurnsMs;
  block(1, 0);
  block(100, delay_ms / 2, pace.max().turns);
  EXPECT_EQ(pace.max().turns, BlockPace::kAtStart.turns + 1);
  block(100, delay_ms / 2 + 1, pace.max().turns);
  EXPECT_LT(pace.max().turns, BlockPace::kAtStart.turns);
}

}  // namespace
}  // namespace peerpay::node
