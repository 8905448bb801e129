#include "node/app/finality.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/unit/node_app/blocks.h"

namespace peerpay::app {
namespace {

using ledger::TransactionResult;
using proto::TransactionState;
using test::block_of;
using test::transaction_id;

constexpr base::UnixMillis at(std::uint64_t milliseconds) { return base::UnixMillis{milliseconds}; }

// Remembers what one caller is told.
struct Caller {
  Finality::Done done() {
    return [this](const proto::TransactionStatus& status) { told.push_back(status); };
  }
  std::vector<TransactionState> states() const {
    std::vector<TransactionState> out;
    for (const auto& status : told) out.push_back(status.state);
    return out;
  }
  std::vector<proto::TransactionStatus> told;
};

using States = std::vector<TransactionState>;

struct FinalityTest : ::testing::Test {
  void SetUp() override { finality.start(ledger::Height{1}, at(1'000)); }
  void commit(std::uint64_t height, base::UnixMillis timestamp,
              const std::vector<ledger::TransactionId>& ids = {}) {
    const auto block = block_of(height, timestamp, ids);
    finality.committing(block);
    finality.committed(block);
  }

  Finality finality{100};
  const ledger::TransactionId id = transaction_id(1);
  Caller payer;
  Caller stranger;
};

TEST_F(FinalityTest, TellsEveryWatchWhenTheBlockIsDurable) {
  ASSERT_TRUE(finality.watch(id, std::nullopt, payer.done()));
  ASSERT_TRUE(finality.watch(id, at(5'000), stranger.done()));
  const auto block = block_of(2, at(2'000), {id});
  finality.committing(block);
  EXPECT_TRUE(finality.is_committing(id));
  EXPECT_TRUE(payer.told.empty());
  finality.committed(block);
  EXPECT_FALSE(finality.is_committing(id));
  EXPECT_EQ(payer.states(), States{TransactionState::kFinal});
  EXPECT_EQ(stranger.states(), States{TransactionState::kFinal});
  EXPECT_EQ(payer.told[0].finality->height, ledger::Height{2});
}

TEST_F(FinalityTest, AStrangersValidUntilEndsTheStrangersWaitAlone) {
  ASSERT_TRUE(finality.watch(id, std::nullopt, payer.done()));
  ASSERT_TRUE(finality.watch(id, at(1'500), stranger.done()));
  commit(2, at(2'000));
  EXPECT_EQ(stranger.states(), States{TransactionState::kExpired});
  EXPECT_TRUE(payer.told.empty());
  EXPECT_FALSE(finality.recent(id));
  commit(3, at(3'000), {id});
  EXPECT_EQ(payer.states(), States{TransactionState::kFinal});
  EXPECT_EQ(stranger.states(), States{TransactionState::kExpired});
  EXPECT_EQ(finality.recent(id)->state, TransactionState::kFinal);
}

TEST_F(FinalityTest, ExpiresOnlyWhenLedgerTimeIsPastValidUntil) {
  ASSERT_TRUE(finality.watch(id, at(2'000), payer.done()));
  commit(2, at(2'000));  // a block of this time may still hold it
  EXPECT_TRUE(payer.told.empty());
  commit(3, at(2'001));
  EXPECT_EQ(payer.states(), States{TransactionState::kExpired});
}

TEST_F(FinalityTest, TheBlockThatPassesValidUntilMayHoldTheTransaction) {
  ASSERT_TRUE(finality.watch(id, at(1'500), payer.done()));
  commit(2, at(2'000), {id});
  EXPECT_EQ(payer.states(), States{TransactionState::kFinal});
}

TEST_F(FinalityTest, AWatchThatComesAfterItsTimeEndsAtOnce) {
  EXPECT_FALSE(finality.watch(id, at(999), payer.done()));
  EXPECT_EQ(payer.states(), States{TransactionState::kExpired});
  EXPECT_TRUE(finality.watch(id, at(1'000), stranger.done()));
  EXPECT_TRUE(stranger.told.empty());
}

TEST_F(FinalityTest, AnEndedWatchLeavesNothingBehind) {
  const auto watch = finality.watch(id, at(1'500), stranger.done());
  ASSERT_TRUE(finality.watch(id, at(9'000), payer.done()));
  EXPECT_TRUE(finality.unwatch(id, *watch));
  EXPECT_FALSE(finality.unwatch(id, *watch));
  commit(2, at(2'000));
  EXPECT_TRUE(stranger.told.empty());
  EXPECT_TRUE(payer.told.empty());
  commit(3, at(3'000), {id});
  commit(4, at(9'001));  // the expiry went with the watch
  EXPECT_EQ(payer.states(), States{TransactionState::kFinal});
}

TEST_F(FinalityTest, WhatTheCoreDroppedIsToldAndRemembered) {
  ASSERT_TRUE(finality.watch(id, std::nullopt, payer.done()));
  finality.dropped({id, TransactionResult::kExpired});
  EXPECT_EQ(payer.states(), States{TransactionState::kExpired});
  EXPECT_FALSE(finality.watch(id, std::nullopt, stranger.done()));
  EXPECT_EQ(stranger.states(), States{TransactionState::kExpired});
}

// It was gossiped: another node, or a block that this one holds, may have it.
TEST_F(FinalityTest, WhatMadeRoomIsToldAsPolicyAndNotRemembered) {
  ASSERT_TRUE(finality.watch(id, at(5'000), payer.done()));
  finality.dropped({id, std::nullopt});
  ASSERT_EQ(payer.states(), States{TransactionState::kRejected});
  EXPECT_EQ(payer.told[0].code, "evicted");
  EXPECT_EQ(payer.told[0].result, std::nullopt);
  EXPECT_EQ(payer.told[0].retry, proto::Retry::kSameBytes);
  EXPECT_FALSE(finality.recent(id));
  ASSERT_TRUE(finality.watch(id, at(5'000), stranger.done())) << "the same bytes again";
  commit(2, at(2'000), {id});
  EXPECT_EQ(stranger.states(), States{TransactionState::kFinal});
  EXPECT_EQ(payer.told.size(), 1U);
}

TEST_F(FinalityTest, ForgetsTheOldestEndings) {
  Finality small{1};
  small.committed(block_of(1, at(1'000), {id, transaction_id(2)}));
  EXPECT_FALSE(small.recent(id));
  EXPECT_TRUE(small.recent(transaction_id(2)));
}

// Callers come and give up while blocks are committed: each is told once, or was in time not to be.
TEST(FinalityThreads, EachWatchEndsOnce) {
  constexpr std::uint16_t kOfACaller = 8'000;
  Finality finality{2 * kOfACaller};
  finality.start(ledger::Height{0}, at(1));
  std::vector<std::atomic<int>> told(2 * kOfACaller);
  std::vector<char> gave_up(2 * kOfACaller, 0);
  const auto call = [&](std::uint16_t first) {
    for (std::uint16_t i = first; i < first + kOfACaller; ++i) {
      const auto watch = finality.watch(transaction_id(i), std::nullopt,
                                        [&told, i](const proto::TransactionStatus&) { ++told[i]; });
      if (watch && i % 2 == 0) gave_up[i] = finality.unwatch(transaction_id(i), *watch) ? 1 : 0;
    }
  };
  std::thread one{call, std::uint16_t{0}};
  std::thread other{call, kOfACaller};
  for (std::uint16_t i = 0; i < 2 * kOfACaller; ++i) {
    const auto block = block_of(i + 1U, at(2U + i), {transaction_id(i)});
    finality.committing(block);
    finality.committed(block);
  }
  one.join();
  other.join();
  for (std::size_t i = 0; i < told.size(); ++i) ASSERT_EQ(told[i] + gave_up[i], 1) << i;
}

}  // namespace
}  // namespace peerpay::app
