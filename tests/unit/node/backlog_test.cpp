#include "node/core/backlog.h"

#include <gtest/gtest.h>

#include "tests/unit/node/harness.h"

namespace peerpay::node {
namespace {

constexpr std::size_t kLeast = 100;
constexpr MempoolConfig kPool = {.transactions_max = 16 * kLeast};
constexpr std::size_t kMost = kPool.transactions_max / 4;
constexpr std::size_t kValidators = 4;

struct BacklogTest : ::testing::Test {
  void block(std::size_t transactions) { backlog.committed(transactions, now); }
  // Of which clients of this node handed in all.
  [[nodiscard]] bool is_plenty(std::size_t ready, std::size_t in_blocks = 0) const {
    return backlog.is_plenty({ready, ready}, in_blocks, now);
  }

  Backlog backlog{kPool, kValidators};
  base::TimePoint now{1'000'000};
};

TEST_F(BacklogTest, IsWhatBecameFinalLatelyWithinLimits) {
  block(1);
  EXPECT_FALSE(is_plenty(kLeast));
  EXPECT_TRUE(is_plenty(kLeast + 1));
  block(2 * kLeast);
  EXPECT_FALSE(is_plenty(2 * kLeast + 1));
  EXPECT_TRUE(is_plenty(2 * kLeast + 2));
  block(kPool.transactions_max);
  EXPECT_FALSE(is_plenty(kMost));
  EXPECT_TRUE(is_plenty(kMost + 1));
}

TEST_F(BacklogTest, WhatIsInBlocksWaitsForNothing) {
  block(1);
  EXPECT_FALSE(is_plenty(kLeast + 10, 10));
  EXPECT_TRUE(is_plenty(kLeast + 11, 10));
}

TEST_F(BacklogTest, ForgetsWhatWasFinalBefore) {
  block(2 * kLeast);
  const auto forgotten = now + Backlog::kWindow;
  now = forgotten - base::milliseconds(1);
  block(1);
  EXPECT_FALSE(is_plenty(2 * kLeast));
  now = forgotten;
  EXPECT_TRUE(is_plenty(2 * kLeast));
  block(1);
  EXPECT_TRUE(is_plenty(2 * kLeast));
}

TEST_F(BacklogTest, WhateverPeersSendClientsOfThisNodeHaveAShare) {
  block(1);
  constexpr std::size_t kShare = kLeast / kValidators;
  EXPECT_FALSE(backlog.is_plenty({.all = kMost, .of_clients = kShare}, 0, now));
  EXPECT_TRUE(backlog.is_plenty({.all = kMost, .of_clients = kShare + 1}, 0, now));
}

TEST_F(BacklogTest, NothingIsPlentyWhileNoBlocksCome) {
  constexpr std::size_t kMany = kPool.transactions_max;
  EXPECT_FALSE(is_plenty(kMany));
  block(1);
  const auto too_late = now + Backlog::kBlocksApartMax;
  now = too_late - base::milliseconds(1);
  EXPECT_TRUE(is_plenty(kMany));
  now = too_late;
  EXPECT_FALSE(is_plenty(kMany));
  block(0);
  EXPECT_TRUE(is_plenty(kMany));
}

// Two senders, of whom one has far more than counts.
TEST(Replica, HasPlentyWhileMuchOfManyIsReadyAndBlocksCome) {
  ReplicaConfig config;
  config.mempool.transactions_max = 16 * (Mempool::kTurnsCounted + 1);
  testing::Mesh mesh{1, config};
  const auto& replica = *mesh.replicas[0];
  std::uint64_t nonce = 0;
  const auto submit = [&](std::uint8_t from) {
    mesh.submit(0, testing::test_pay(mesh.genesis, {.from = from, .to = 106, .nonce = ++nonce}));
  };
  submit(101);
  ASSERT_TRUE(mesh.run(1'000, [&] { return !mesh.chains[0].empty(); }));
  for (std::size_t i = 0; i < 2 * Mempool::kTurnsCounted; ++i) submit(101);
  mesh.settle();
  EXPECT_FALSE(replica.has_plenty(mesh.now.monotonic));
  for (int i = 0; i < 2; ++i) submit(102);
  mesh.settle();
  ASSERT_EQ(replica.status().blocks_held, 0U);
  EXPECT_TRUE(replica.has_plenty(mesh.now.monotonic));
  EXPECT_FALSE(replica.has_plenty(mesh.now.monotonic + Backlog::kBlocksApartMax));
  const auto all_final = [&] { return replica.status().mempool_transactions == 0; };
  ASSERT_TRUE(mesh.run(1'000, all_final));
  EXPECT_FALSE(replica.has_plenty(mesh.now.monotonic));
}

}  // namespace
}  // namespace peerpay::node
