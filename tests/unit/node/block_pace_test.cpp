#include "node/core/block_pace.h"

#include <gtest/gtest.h>

#include "ledger/limits.h"

namespace peerpay::node {
namespace {

constexpr std::int64_t kDelayMs = 20;
constexpr std::int64_t kExtraMs = BlockPace::kExtraMax.milliseconds();

struct BlockPaceTest : ::testing::Test {
  // A block that takes so long beyond the network's delay.
  void block(std::size_t transactions, std::int64_t extra_ms) {
    ++view.value;
    pace.proposed(view, transactions, now);
    now = now + base::milliseconds(delay_ms + extra_ms);
    pace.certified(view, now);
  }
  void full_block(std::int64_t extra_ms) { block(pace.transactions_max(), extra_ms); }

  std::int64_t delay_ms = kDelayMs;  // of the network
  BlockPace pace;
  consensus::View view;
  base::TimePoint now{1'000};
};

TEST_F(BlockPaceTest, FullBlocksThatAreCertifiedSoonLetTheNextBeLarger) {
  block(1, 0);
  full_block(kExtraMs);
  EXPECT_EQ(pace.transactions_max(),
            BlockPace::kTransactionsAtStart + BlockPace::kTransactionsMore);
  for (int i = 0; i < 300; ++i) full_block(0);
  EXPECT_EQ(pace.transactions_max(), ledger::kBlockTransactionsMax);
}

TEST_F(BlockPaceTest, ABlockThatIsNotFullShowsNotThatMoreCanBeBorne) {
  block(1, 0);
  block(BlockPace::kTransactionsAtStart - 1, 0);
  EXPECT_EQ(pace.transactions_max(), BlockPace::kTransactionsAtStart);
}

TEST_F(BlockPaceTest, OneThatTookTooLongHalvesTheNext) {
  block(1, 0);
  full_block(kExtraMs + 1);
  EXPECT_EQ(pace.transactions_max(), BlockPace::kTransactionsAtStart / 2);
  for (int i = 0; i < 3; ++i) full_block(10 * kExtraMs);
  EXPECT_EQ(pace.transactions_max(), BlockPace::kTransactionsMin);
}

TEST_F(BlockPaceTest, WhatIsFarAwayIsNotSlowAndNotSteady) {
  delay_ms = 10 * kExtraMs;
  block(1, 0);
  full_block(delay_ms);
  EXPECT_GT(pace.transactions_max(), BlockPace::kTransactionsAtStart);
  full_block(delay_ms + 1);
  EXPECT_LT(pace.transactions_max(), BlockPace::kTransactionsAtStart);
}

TEST_F(BlockPaceTest, OneThatIsNeverCertifiedTookTooLong) {
  block(1, 0);
  pace.proposed({7}, 10, now);
  pace.proposed({8}, 10, now);
  EXPECT_EQ(pace.transactions_max(), BlockPace::kTransactionsAtStart / 2);
}

TEST_F(BlockPaceTest, AnotherViewsCertificateIsNotItsOwn) {
  block(1, 0);
  pace.proposed({9}, BlockPace::kTransactionsAtStart, now);
  pace.certified({8}, now);
  EXPECT_EQ(pace.transactions_max(), BlockPace::kTransactionsAtStart);
  now = now + base::seconds(9);
  pace.certified({12}, now);  // final above it
  EXPECT_EQ(pace.transactions_max(), BlockPace::kTransactionsAtStart / 2);
}

// Else a network that got slower would have small blocks for ever.
TEST_F(BlockPaceTest, SmallBlocksShowADelayThatHasGrown) {
  block(1, 0);
  for (int i = 0; i < 4; ++i) full_block(20 * kExtraMs);
  EXPECT_EQ(pace.transactions_max(), BlockPace::kTransactionsMin);
  for (int i = 0; i < 100; ++i) full_block(20 * kExtraMs);
  EXPECT_GT(pace.transactions_max(), BlockPace::kTransactionsAtStart);
}

}  // namespace
}  // namespace peerpay::node
