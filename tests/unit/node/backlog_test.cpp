#include "node/core/backlog.h"

#include <gtest/gtest.h>

#include "tests/unit/node/harness.h"

namespace peerpay::node {
namespace {

constexpr std::size_t kLeast = 100;
constexpr MempoolConfig kPool = {.bytes_max = 1'000'000, .transactions_max = 16 * kLeast};
constexpr std::size_t kMost = kPool.transactions_max / 4;
constexpr std::size_t kBytes = kPool.bytes_max / 4;
constexpr std::size_t kValidators = 4;

struct BacklogTest : ::testing::Test {
  void block(std::size_t transactions) { backlog.committed(transactions, now); }
  // Of which clients of this node handed in an equal share.
  [[nodiscard]] bool is_plenty(std::size_t transactions, std::size_t bytes = 0) const {
    const Mempool::Usage of_clients{transactions / kValidators, bytes / kValidators};
    return backlog.is_plenty(
        {{transactions, bytes}, {transactions - of_clients.transactions, bytes - of_clients.bytes}},
        now);
  }
  [[nodiscard]] bool is_plenty(const Mempool::Usages& ready) const {
    return backlog.is_plenty(ready, now);
  }

  Backlog backlog{kPool, kValidators};
  base::TimePoint now{1'000'000};
};

TEST_F(BacklogTest, IsWhatBecameFinalLatelyWithinLimits) {
  constexpr std::size_t kStep = kValidators;  // the next that has a share
  block(1);
  EXPECT_FALSE(is_plenty(kLeast));
  EXPECT_TRUE(is_plenty(kLeast + kStep));
  block(2 * kLeast);
  EXPECT_FALSE(is_plenty(2 * kLeast));
  EXPECT_TRUE(is_plenty(2 * kLeast + 2 * kStep));
  block(kPool.transactions_max);
  EXPECT_FALSE(is_plenty(kMost));
  EXPECT_TRUE(is_plenty(kMost + kStep));
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

TEST_F(BacklogTest, LargePaymentsArePlentyEarlier) {
  block(kMost);
  EXPECT_FALSE(is_plenty(kLeast, kBytes));
  EXPECT_TRUE(is_plenty(kLeast, kBytes + kValidators));
}

TEST_F(BacklogTest, WhateverPeersSendClientsOfThisNodeHaveAShare) {
  block(1);
  constexpr Mempool::Usage kAll{kPool.transactions_max, kPool.bytes_max};
  EXPECT_FALSE(is_plenty({kAll, kAll}));
  constexpr std::size_t kShare = kLeast / kValidators;
  EXPECT_FALSE(is_plenty({kAll, {kAll.transactions - kShare, kAll.bytes}}));
  EXPECT_TRUE(is_plenty({kAll, {kAll.transactions - kShare - 1, kAll.bytes}}));
  EXPECT_TRUE(is_plenty({{kLeast + 1, 0}, {}})) << "of one validator, all of it";
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

TEST(Replica, HasPlentyWhileMuchIsReadyAndBlocksCome) {
  ReplicaConfig config;
  config.mempool.transactions_max = 64;
  testing::Mesh mesh{1, config};
  const auto& replica = *mesh.replicas[0];
  std::uint64_t nonce = 0;
  mesh.submit(0, testing::test_pay(mesh.genesis, {.nonce = ++nonce}));
  ASSERT_TRUE(mesh.run(1'000, [&] { return !mesh.chains[0].empty(); }));
  EXPECT_FALSE(replica.has_plenty(mesh.now.monotonic));
  for (int i = 0; i < 5; ++i) mesh.submit(0, testing::test_pay(mesh.genesis, {.nonce = ++nonce}));
  mesh.settle();
  EXPECT_TRUE(replica.has_plenty(mesh.now.monotonic));
  EXPECT_FALSE(replica.has_plenty(mesh.now.monotonic + Backlog::kBlocksApartMax));
  const auto all_final = [&] { return replica.status().mempool_transactions == 0; };
  ASSERT_TRUE(mesh.run(1'000, all_final));
  EXPECT_FALSE(replica.has_plenty(mesh.now.monotonic));
}

}  // namespace
}  // namespace peerpay::node
