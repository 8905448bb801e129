#include "node/core/replica.h"

#include <gtest/gtest.h>

#include "node/core/block_pace.h"
#include "tests/unit/node/harness.h"

namespace peerpay::node::testing {
namespace {

class MeshOfSize : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(MeshOfSize, MakesAPaymentFinalEverywhere) {
  Mesh mesh{GetParam()};
  mesh.submit(0, test_pay(mesh.genesis, {.from = 101, .to = 102, .units = 1250}));
  const auto all_have_it = [&] {
    for (const auto& chain : mesh.chains) {
      if (chain.empty()) return false;
    }
    return true;
  };
  ASSERT_TRUE(mesh.run(3000, all_have_it));
  for (std::uint32_t i = 0; i < GetParam(); ++i) {
    EXPECT_EQ(mesh.chains[i].front().hash, mesh.chains[0].front().hash);
    EXPECT_EQ(mesh.replicas[i]->state().account(test_account(102))->balance({0}).units(), 101'250U);
    EXPECT_EQ(mesh.replicas[i]->state().account(test_account(101))->balance({0}).units(), 98'749U);
    EXPECT_EQ(mesh.replicas[i]->status().mempool_transactions, 0U);
  }
  EXPECT_FALSE(mesh.halted) << *mesh.halted;
}
INSTANTIATE_TEST_SUITE_P(Sizes, MeshOfSize, ::testing::Values(1U, 2U, 3U, 4U, 7U, 10U));

// block_pace.h: a block of as many turns as it may have that is certified soon lets the next have
// more.
TEST(Replica, PacesItsBlocks) {
  // The fifth is the first that may have more.
  constexpr auto kFew = BlockPace::kOfAnyTurns;
  constexpr auto kMore = 16 * BlockPace::kAtStart.turns;
  static_assert(8 * BlockPace::kAtStart.turns == kFew);
  Mesh mesh{1};
  TransactionsSubmitted event;
  for (std::uint64_t nonce = 1; nonce <= 4 * kFew + kMore + 1; ++nonce)
    event.submissions.push_back({nonce, test_pay(mesh.genesis, {.units = 1, .nonce = nonce})});
  mesh.deliver(0, std::move(event));
  std::vector<std::size_t> sizes;
  ASSERT_TRUE(mesh.run(5'000, [&] {
    sizes.clear();
    for (const auto& committed : mesh.chains[0]) {
      const auto size = committed.block.transactions.size();
      if (size > 0) sizes.push_back(size);
    }
    return sizes.size() >= 6;
  }));
  EXPECT_EQ(sizes, (std::vector<std::size_t>{kFew, kFew, kFew, kFew, kMore, 1}));
}

TEST(Replica, MakesNoBlocksWhileIdleAndOneHeartbeat) {
  Mesh mesh{4};
  mesh.run(9'500, [] { return false; });
  const auto before = mesh.chains[0].size();
  EXPECT_LE(before, 1U);  // the genesis is older than a heartbeat interval at most once
  const auto view = mesh.replicas[0]->status().view;
  mesh.run(300, [] { return false; });
  EXPECT_EQ(mesh.replicas[0]->status().view, view);
  EXPECT_TRUE(mesh.run(12'000, [&] { return mesh.chains[0].size() > before; }));
}

TEST(Replica, CatchesUpAfterBeingCutOff) {
  Mesh mesh{4};
  mesh.cut_off[3] = true;
  for (std::uint64_t nonce = 1; nonce <= 20; ++nonce) {
    mesh.submit(0, test_pay(mesh.genesis, {.nonce = nonce}));
    const auto applied = [&] {
      return mesh.replicas[0]->state().account(test_account(102))->balance({0}).units() ==
             100'000 + 100 * nonce;
    };
    ASSERT_TRUE(mesh.run(10'000, applied)) << nonce;
  }
  EXPECT_EQ(mesh.replicas[3]->status().height.value, 0U);
  mesh.cut_off[3] = false;
  for (std::uint32_t peer = 0; peer < 3; ++peer) {
    mesh.deliver(peer, PeerDisconnected{{3}});
    mesh.deliver(peer, PeerConnected{{3}});
  }
  const auto caught_up = [&] {
    return mesh.replicas[3]->status().height == mesh.replicas[0]->status().height;
  };
  ASSERT_TRUE(mesh.run(5'000, caught_up));
  EXPECT_EQ(mesh.replicas[3]->status().hash, mesh.replicas[0]->status().hash);
  EXPECT_FALSE(mesh.halted) << *mesh.halted;
}

// Three of four are needed and one of them comes back without its pool: it gets what waits with the
// connection, so nobody waits for a re-announcement.
TEST(Replica, TellsAPeerThatConnectsWhatWaits) {
  Mesh mesh{4};
  mesh.cut_off[2] = mesh.cut_off[3] = true;
  const auto payment = test_pay(mesh.genesis, {});
  mesh.submit(0, payment);
  ASSERT_FALSE(mesh.run(100, [&] { return !mesh.chains[0].empty(); }));
  EXPECT_EQ(mesh.replicas[2]->status().mempool_transactions, 0U);

  mesh.cut_off[2] = false;
  mesh.deliver(0, PeerDisconnected{{2}});
  mesh.deliver(0, PeerConnected{{2}});
  mesh.settle();
  EXPECT_EQ(mesh.replicas[2]->status().mempool_transactions, 1U);
}

TEST(Replica, RefusesWithTheLedgersReason) {
  Mesh mesh{4};
  mesh.submit(1, test_pay(mesh.genesis, {.units = 1'000'000}));
  mesh.submit(1, test_pay(mesh.genesis, {.nonce = 100'000}));
  mesh.submit(1, test_pay(mesh.genesis, {.valid_until_ms = 1'600'000'000'000}));
  mesh.settle();
  ASSERT_EQ(mesh.replies[1].size(), 3U);
  EXPECT_EQ(mesh.replies[1][0].result, ledger::TransactionResult::kFundsInsufficient);
  EXPECT_EQ(mesh.replies[1][1].result, ledger::TransactionResult::kNonceTooFarAhead);
  EXPECT_EQ(mesh.replies[1][2].result, ledger::TransactionResult::kExpired);
}

TEST(Replica, AppliesOneOfTwoPaymentsThatShareANonce) {
  Mesh mesh{4};
  mesh.submit(0, test_pay(mesh.genesis, {.to = 102, .units = 10}));
  mesh.submit(1, test_pay(mesh.genesis, {.to = 103, .units = 20}));
  mesh.run(3'000, [] { return false; });
  const auto& state = mesh.replicas[2]->state();
  const auto to_102 = state.account(test_account(102))->balance({0}).units();
  const auto to_103 = state.account(test_account(103))->balance({0}).units();
  EXPECT_TRUE((to_102 == 100'010 && to_103 == 100'000) || (to_102 == 100'000 && to_103 == 100'020));
  for (const auto& replica : mesh.replicas) EXPECT_EQ(replica->status().mempool_transactions, 0U);
}

TEST(Replica, GoesOnWithoutOneOfFourValidators) {
  Mesh mesh{4};
  mesh.cut_off[1] = true;
  for (std::uint64_t nonce = 1; nonce <= 5; ++nonce)
    mesh.submit(0, test_pay(mesh.genesis, {.nonce = nonce}));
  const auto applied = [&] {
    return mesh.replicas[0]->state().account(test_account(102))->balance({0}).units() == 100'500;
  };
  EXPECT_TRUE(mesh.run(10'000, applied));
}

// Taken in unasked: the proposal of a view's leader, once, from the leader itself.
TEST(Replica, TakesOnlyTheLeadersBlockFromTheLeaderAndVotesForWhatItProposed) {
  Mesh mesh{4};
  auto& replica = *mesh.replicas[3];
  const auto leader = replica.engine().leader();
  ledger::Block block;
  block.header.chain = ledger::chain_id(mesh.genesis);
  block.header.height = {1};
  block.header.view = replica.status().view.value;
  block.header.proposer = (leader.value + 1) % 3;
  std::size_t signed_votes = 0;
  const auto held_after = [&](std::uint32_t from) {
    signed_votes += replica.handle(BlockReceived{{from}, block, true}, mesh.now).sign.size();
    return replica.status().blocks_held;
  };
  for (std::uint32_t from = 0; from < 3; ++from) EXPECT_EQ(held_after(from), 0U) << "no leader's";
  block.header.proposer = leader.value;
  EXPECT_EQ(held_after((leader.value + 1) % 3), 0U) << "not from the leader";
  EXPECT_EQ(held_after(leader.value), 1U);
  block.header.timestamp.value += 1;
  EXPECT_EQ(held_after(leader.value), 1U) << "one for each view";
  EXPECT_EQ(signed_votes, 0U) << "a block is no proposal: the leader's vote is";
}

}  // namespace
}  // namespace peerpay::node::testing
