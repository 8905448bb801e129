// What is told of a payment that made room in the pool while a block that is not final holds it.
#include <gtest/gtest.h>

#include "tests/unit/node/straggler.h"

namespace peerpay::node::testing {
namespace {

// `payment` can be paid at the genesis, not after the first block, and again after the second. The
// third one applies it.
struct Eviction : ::testing::Test {
  void SetUp() override {
    ReplicaConfig config;
    config.mempool.transactions_max = 1;
    straggler.emplace(mesh, config);
    apply({.from = 101, .to = 102, .units = 60'000, .nonce = 2});
    apply({.from = 102, .to = 101, .units = 50'000});
    apply(kPayment);
    EXPECT_EQ(submit(kPayment).replies.at(0).admission, Admission::kAdmitted);
  }
  void apply(const PayOptions& options) {
    mesh.submit(0, test_pay(mesh.genesis, options));
    const auto blocks = mesh.chains[0].size() + 1;
    ASSERT_TRUE(mesh.run(10'000, [&] { return mesh.chains[0].size() >= blocks; }));
  }
  Effects submit(const PayOptions& options) {
    return straggler->handle(TransactionsSubmitted{{{0, test_pay(mesh.genesis, options)}}});
  }
  // The straggler commits the blocks from `first` on.
  Effects commit(std::size_t first, std::size_t count) {
    const auto& chain = mesh.chains[0];
    SyncBatch batch = batch_of(chain, first, count);
    batch.certificate = finalization_of(chain, first + count - 1);
    const auto asked = straggler->asked_for_a_range(CertificateReceived{kPeer, *batch.certificate});
    auto out = straggler->handle(SyncReceived{asked, batch});
    EXPECT_EQ(out.commit.size(), count);
    return out;
  }
  // The straggler holds a block of the last one's view.
  void hold(const ledger::Block& block) {
    (void)straggler->handle(BlockReceived{{block.header.proposer}, block, true});
    ASSERT_EQ(straggler->replica.status().blocks_held, 1U);
  }
  // Makes room for another payment.
  Effects evict() {
    auto out = submit({.from = 103, .to = 104});
    EXPECT_EQ(out.replies.at(0).admission, Admission::kAdmitted);
    EXPECT_FALSE(straggler->replica.is_pooled(id()));
    return out;
  }
  ledger::TransactionId id() const { return test_pay(mesh.genesis, kPayment).id; }

  static constexpr PayOptions kPayment{.from = 101, .to = 103, .units = 60'000};
  Mesh mesh{4};
  std::optional<Straggler> straggler;
};

TEST_F(Eviction, OfWhatNoBlockHoldsIsToldAtOnce) {
  (void)commit(0, 1);
  const auto dropped = evict().dropped;
  ASSERT_EQ(dropped.size(), 1U);
  EXPECT_EQ(dropped[0].id, id());
  EXPECT_EQ(dropped[0].result, std::nullopt);
}

TEST_F(Eviction, OfWhatABlockHoldsIsNotToldWhenTheBlockBecomesFinal) {
  (void)commit(0, 1);
  hold(mesh.chains[0][2].block);
  EXPECT_TRUE(evict().dropped.empty()) << "its end is open";
  EXPECT_TRUE(straggler->replica.is_pending(id()));
  EXPECT_TRUE(commit(1, 2).dropped.empty()) << "it was applied";
}

TEST_F(Eviction, OfWhatABlockHeldIsToldWhenTheBlockIsGone) {
  (void)commit(0, 1);
  auto orphan = mesh.chains[0][2].block;
  orphan.header.view = mesh.chains[0][1].block.header.view;
  orphan.header.proposer = mesh.chains[0][1].block.header.proposer;
  hold(orphan);
  EXPECT_TRUE(evict().dropped.empty());
  const auto dropped = commit(1, 1).dropped;
  ASSERT_EQ(dropped.size(), 1U);
  EXPECT_EQ(dropped[0].id, id());
  EXPECT_EQ(dropped[0].result, std::nullopt);
  EXPECT_FALSE(straggler->replica.is_pending(id()));
}

// Two payments of one account wake beside another's: the second is more than was free.
TEST_F(Eviction, OfWhatMayNotBeReadyAgainIsTold) {
  ReplicaConfig config;
  config.mempool.transactions_max = 3;
  straggler.emplace(mesh, config);
  constexpr PayOptions kFirst{.from = 101, .to = 103, .units = 44'000, .nonce = 5};
  constexpr PayOptions kSecond{.from = 101, .to = 103, .units = 44'000, .nonce = 6};
  for (const auto& payment : {kFirst, kSecond})
    EXPECT_EQ(submit(payment).replies.at(0).admission, Admission::kAdmitted);
  EXPECT_TRUE(commit(0, 1).dropped.empty()) << "parked";
  EXPECT_EQ(submit({.from = 103, .to = 104}).replies.at(0).admission, Admission::kAdmitted);
  const auto dropped = commit(1, 1).dropped;
  ASSERT_EQ(dropped.size(), 1U);
  EXPECT_EQ(dropped[0].id, test_pay(mesh.genesis, kSecond).id);
  EXPECT_EQ(dropped[0].result, std::nullopt);
  EXPECT_TRUE(straggler->replica.is_pooled(test_pay(mesh.genesis, kFirst).id));
}

// It may not be ready again after the second block, and is in the third.
TEST_F(Eviction, OfWhatALaterOneOfTheBlocksHoldsIsNotTold) {
  ReplicaConfig config;
  config.mempool.transactions_max = 3;
  straggler.emplace(mesh, config);
  EXPECT_EQ(submit({.from = 101, .to = 103, .units = 25'000, .nonce = 5}).replies.at(0).admission,
            Admission::kAdmitted);
  EXPECT_EQ(submit(kPayment).replies.at(0).admission, Admission::kAdmitted);
  (void)commit(0, 1);
  EXPECT_EQ(submit({.from = 103, .to = 104}).replies.at(0).admission, Admission::kAdmitted);
  EXPECT_TRUE(commit(1, 2).dropped.empty()) << "it was applied";
  EXPECT_FALSE(straggler->replica.is_pending(id()));
}

}  // namespace
}  // namespace peerpay::node::testing
