// What one Byzantine validator can make a replica hold or do (node/core/limits.h).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "node/core/block_tree.h"
#include "node/core/limits.h"
#include "node/core/peer_budget.h"
#include "tests/unit/node/straggler.h"

namespace peerpay::node::testing {
namespace {

constexpr std::size_t kFlood = 100'000;

// A block that nobody has executed, as anybody could write one.
ledger::Block junk(const ledger::Genesis& genesis, std::uint64_t view,
                   const ledger::BlockHash& parent = {}) {
  ledger::Block out;
  out.header.chain = ledger::chain_id(genesis);
  out.header.height = {1};
  out.header.view = view;
  out.header.proposer = validator_set(genesis).leader(0, {view}).value;
  out.header.parent = parent;
  return out;
}

ledger::Block junk_of_bytes(ledger::Block block, std::size_t bytes) {
  block.transactions.emplace_back();
  block.transactions.back().bytes.resize(bytes);
  return block;
}

// Blocks that follow each other from the genesis on.
std::vector<ledger::Block> linked_junk(const ledger::Genesis& genesis, std::size_t count,
                                       std::size_t bytes) {
  std::vector<ledger::Block> out;
  auto parent = ledger::block_hash(test_bootstrap(genesis).head);
  for (std::uint64_t i = 1; i <= count; ++i) {
    out.push_back(junk_of_bytes(junk(genesis, i, parent), bytes));
    out.back().header.height = {i};
    parent = ledger::block_hash(out.back().header);
  }
  return out;
}

TEST(PeerBudget, ServesABurstAndThenOneAnInterval) {
  PeerBudget budget{{base::milliseconds(20), 3}};
  base::TimePoint now{1'000'000'000};
  const auto served = [&](PeerIndex peer) {
    std::size_t out = 0;
    for (std::size_t i = 0; i < kFlood; ++i) out += budget.spend(peer, now) ? 1 : 0;
    return out;
  };
  EXPECT_EQ(served({1}), 3U);
  EXPECT_EQ(served({2}), 3U) << "each peer has its own";
  now = now + base::milliseconds(19);
  EXPECT_EQ(served({1}), 0U);
  now = now + base::milliseconds(1);
  EXPECT_EQ(served({1}), 1U);
  EXPECT_EQ(budget.next({1}), now + base::milliseconds(20));
  now = now + base::seconds(100);
  EXPECT_EQ(served({1}), 3U) << "no more than a burst is saved up";
}

TEST(Bounds, AFloodOfBlockRequestsIsAnsweredAFewTimes) {
  Mesh mesh{4};
  const auto chain = three_blocks(mesh);
  Straggler straggler{mesh};
  const PeerIndex leader{chain[0].block.header.proposer};
  (void)straggler.handle(BlockReceived{leader, chain[0].block, true});
  ASSERT_EQ(straggler.replica.status().blocks_held, 1U);
  const BlockRequest held{chain[0].hash};
  const BlockRequest stored{chain[1].hash};
  std::size_t sent = 0;
  std::size_t served = 0;
  for (std::size_t i = 0; i < kFlood; ++i) {
    sent += straggler.handle(BlockRequested{{0}, held}).send.size();
    served += straggler.handle(BlockRequested{{1}, stored}).serve.size();
  }
  EXPECT_EQ(sent, static_cast<std::size_t>(kBlocksServedBurst));
  EXPECT_EQ(served, static_cast<std::size_t>(kBlocksServedBurst));
  EXPECT_EQ(straggler.handle(BlockRequested{{2}, held}).send.size(), 1U) << "others are served";
}

TEST(Bounds, AFloodOfSyncRequestsIsAnsweredAFewTimes) {
  Mesh mesh{4};
  (void)three_blocks(mesh);
  std::size_t served = 0;
  for (std::size_t i = 0; i < kFlood; ++i) {
    served += mesh.replicas[0]->handle(SyncRequested{{3}, {{1}}}, mesh.now).serve.size();
  }
  EXPECT_EQ(served, static_cast<std::size_t>(kRangesServedBurst));
}

// The leader of view 1 proposes what only leads to more blocks of its own making.
TEST(Bounds, NothingIsFetchedForAProposalOnAnotherParent) {
  Mesh mesh{4};
  Straggler straggler{mesh};
  const auto block = junk(mesh.genesis, 1, {{7}});
  const PeerIndex leader{block.header.proposer};
  const auto subject = consensus::Subject::notarize(proposal_of(block.header, 0));
  const auto asked = straggler.handle(VoteReceived{leader, {subject, leader, {}}});
  ASSERT_EQ(sent<BlockRequest>(mesh.genesis, asked).size(), 1U);
  const auto effects = straggler.handle(BlockReceived{leader, block, true});
  EXPECT_TRUE(sent<BlockRequest>(mesh.genesis, effects).empty());
  for (const auto& signed_now : effects.sign)
    EXPECT_NE(signed_now.kind, consensus::VoteKind::kNotarize);
}

TEST(Bounds, ABlockOfALaterViewThanItsProposalIsNotHeld) {
  Mesh mesh{4};
  Straggler straggler{mesh};
  auto block = junk(mesh.genesis, 1, mesh.replicas[0]->status().hash);
  const PeerIndex leader{block.header.proposer};
  block.header.view = 1'000'000;
  auto proposal = proposal_of(block.header, 0);
  proposal.view = {1};
  (void)straggler.handle(
      VoteReceived{leader, {consensus::Subject::notarize(proposal), leader, {}}});
  (void)straggler.handle(BlockReceived{leader, block, true});
  EXPECT_EQ(straggler.replica.status().blocks_held, 0U);
}

TEST(Bounds, BlocksOfAbsurdHeightsGoWithTheirViews) {
  Mesh mesh{4};
  const auto chain = three_blocks(mesh);
  Straggler straggler{mesh};
  for (std::uint64_t view = 1; view <= kViewsAheadMax; ++view) {
    auto block = junk(mesh.genesis, view);
    block.header.height = {1'000'000'000'000 + view};
    (void)straggler.handle(BlockReceived{{block.header.proposer}, block, true});
  }
  ASSERT_EQ(straggler.replica.status().blocks_held, kViewsAheadMax);
  SyncBatch all = batch_of(chain, 0, 3);
  all.certificate = finalization_of(chain, 2);
  const auto asked = straggler.asked_for_a_range(CertificateReceived{kPeer, *all.certificate});
  EXPECT_EQ(straggler.handle(SyncReceived{asked, all}).commit.size(), 3U);
  EXPECT_EQ(straggler.replica.status().blocks_held, kViewsAheadMax - chain[2].block.header.view);
}

TEST(Bounds, BlocksAreTakenUpToAFewViewsAhead) {
  Mesh mesh{4};
  Straggler straggler{mesh};
  const auto offer = [&](std::uint64_t view) {
    const auto block = junk(mesh.genesis, view);
    (void)straggler.handle(BlockReceived{{block.header.proposer}, block, true});
    return straggler.replica.status().blocks_held;
  };
  const auto view = straggler.replica.status().view.value;
  EXPECT_EQ(offer(view + kViewsAheadMax + 1), 0U);
  EXPECT_EQ(offer(view + kViewsAheadMax), 1U);
}

TEST(Bounds, TheTreeHoldsSoManyBlocksAndBytes) {
  const auto genesis = test_genesis(4);
  auto bootstrap = test_bootstrap(genesis);
  BlockTree by_count{genesis};
  by_count.start(std::move(bootstrap.state), bootstrap.head);
  for (std::uint64_t view = 1; view <= kBlocksHeldMax; ++view) {
    ASSERT_TRUE(by_count.has_room(1)) << view;
    by_count.insert(junk(genesis, view), true);
  }
  EXPECT_FALSE(by_count.has_room(1));
  by_count.keep_only({ledger::block_hash(junk(genesis, 5).header)});
  EXPECT_EQ(by_count.size(), 1U);
  EXPECT_TRUE(by_count.has_room(1));

  BlockTree by_bytes{genesis};
  bootstrap = test_bootstrap(genesis);
  by_bytes.start(std::move(bootstrap.state), bootstrap.head);
  const auto large = junk_of_bytes(junk(genesis, 1), 2 * 1024 * 1024);
  while (by_bytes.has_room(encoded_size(large))) {
    auto block = large;
    block.header.view = by_bytes.size() + 1;
    by_bytes.insert(std::move(block), true);
  }
  EXPECT_LE(by_bytes.bytes(), kBlocksHeldBytesMax);
  EXPECT_GT(by_bytes.bytes() + encoded_size(large), kBlocksHeldBytesMax);
}

// All views nullified, each leader's block held: full. Then a block that is asked for comes.
TEST(Bounds, WhatIsAskedForMakesRoomAmongWhatIsNot) {
  Mesh mesh{4};
  mesh.submit(0, test_pay(mesh.genesis, {}));
  Straggler straggler{mesh};
  for (std::uint64_t view = 1; view <= kBlocksHeldMax + 4; ++view) {
    const auto block = junk(mesh.genesis, view);
    (void)straggler.handle(BlockReceived{{block.header.proposer}, block, true});
    const auto nullified = consensus::Subject::nullify({view});
    (void)straggler.handle(CertificateReceived{kPeer, certificate_of(nullified)});
  }
  EXPECT_EQ(straggler.replica.status().blocks_held, kBlocksHeldMax);
  const auto view = straggler.replica.status().view.value;
  auto block = junk(mesh.genesis, view, straggler.replica.status().hash);
  const PeerIndex leader{block.header.proposer};
  ASSERT_NE(leader, kSelf);
  const auto subject = consensus::Subject::notarize(proposal_of(block.header, 0));
  (void)straggler.handle(VoteReceived{leader, {subject, leader, {}}});
  (void)straggler.handle(BlockReceived{leader, block, true});
  EXPECT_EQ(straggler.replica.status().blocks_held, 1U);
}

TEST(Bounds, SyncBlocksThatNobodyAskedForChangeNothing) {
  Mesh mesh{4};
  const auto chain = three_blocks(mesh);
  Straggler straggler{mesh};
  SyncBatch all = batch_of(chain, 0, 3);
  all.certificate = finalization_of(chain, 2);
  EXPECT_TRUE(straggler.handle(SyncReceived{kPeer, all}).commit.empty());
  const auto asked = straggler.asked_for_a_range(CertificateReceived{kPeer, *all.certificate});
  (void)straggler.handle(SyncReceived{asked, batch_of(chain, 0, 2)});
  ASSERT_EQ(straggler.replica.status().blocks_staged, 2U);
  for (const std::uint32_t peer : {0U, 1U, 2U}) {
    if (peer == asked.value) continue;
    const auto effects = straggler.handle(SyncReceived{{peer}, {}});
    EXPECT_TRUE(sent<SyncRequest>(mesh.genesis, effects).empty());
    EXPECT_EQ(straggler.replica.status().blocks_staged, 2U);
  }
  SyncBatch last = batch_of(chain, 2, 1);
  last.certificate = all.certificate;
  EXPECT_EQ(straggler.handle(SyncReceived{asked, last}).commit.size(), 3U);
}

// One that answers nothing is not asked again before the others were, and costs no time-out.
TEST(Bounds, AnEmptyAnswerTurnsToTheNextPeer) {
  Mesh mesh{4};
  const auto chain = three_blocks(mesh);
  Straggler straggler{mesh};
  const auto first =
      straggler.asked_for_a_range(CertificateReceived{kPeer, finalization_of(chain, 2)});
  const auto second = straggler.asked_for_a_range(SyncReceived{first, {}});
  const auto third = straggler.asked_for_a_range(SyncReceived{second, {}});
  EXPECT_NE(first, second);
  EXPECT_NE(third, first);
  EXPECT_NE(third, second);
  // However fast they answer nothing, nobody spins.
  std::size_t requests = 0;
  for (std::size_t i = 0; i < 1'000; ++i) {
    for (const std::uint32_t peer : {0U, 1U, 2U}) {
      const auto effects = straggler.handle(SyncReceived{{peer}, {}});
      requests += sent<SyncRequest>(mesh.genesis, effects).size();
    }
  }
  EXPECT_LE(requests, 3 * static_cast<std::size_t>(kRangesAskedBurst));
}

// An answer that comes after its time-out counts as long as nothing else has begun.
TEST(Bounds, ALateAnswerDoesNotUndoWhatCameSince) {
  Mesh mesh{4};
  const auto chain = three_blocks(mesh);
  Straggler straggler{mesh};
  const auto slow =
      straggler.asked_for_a_range(CertificateReceived{kPeer, finalization_of(chain, 2)});
  straggler.now.monotonic = straggler.now.monotonic + base::seconds(1);
  const auto next = straggler.asked_for_a_range(TimerFired{});
  ASSERT_NE(slow, next);
  (void)straggler.handle(SyncReceived{next, batch_of(chain, 0, 2)});
  (void)straggler.handle(SyncReceived{slow, batch_of(chain, 0, 1)});
  EXPECT_EQ(straggler.replica.status().blocks_staged, 2U);
}

class Staging : public ::testing::Test {
 protected:
  // Sends one run of blocks without a certificate, `each` in a batch, until it is blamed; gives the
  // most that was staged.
  ReplicaStatus most_staged(const std::vector<ledger::Block>& blocks, std::size_t each) {
    Straggler straggler{mesh_};
    const auto far = consensus::Subject::finalize({{1'000'000}, {0}, {}});
    const auto asked = straggler.asked_for_a_range(CertificateReceived{kPeer, certificate_of(far)});
    ReplicaStatus most;
    for (std::size_t at = 0; at < blocks.size() && !blamed_; at += each) {
      SyncBatch batch;
      const auto end = std::min(blocks.size(), at + each);
      batch.blocks.assign(blocks.begin() + static_cast<std::ptrdiff_t>(at),
                          blocks.begin() + static_cast<std::ptrdiff_t>(end));
      straggler.now.monotonic = straggler.now.monotonic + kServeInterval;
      blamed_ = !straggler.handle(SyncReceived{asked, std::move(batch)}).faults.empty();
      if (!blamed_) most = straggler.replica.status();
      (void)straggler.handle(TimerFired{});
    }
    EXPECT_EQ(straggler.replica.status().blocks_staged, 0U);
    return most;
  }

  Mesh mesh_{4};
  bool blamed_ = false;
};

TEST_F(Staging, IsBoundedInBlocks) {
  const auto most = most_staged(linked_junk(mesh_.genesis, kSyncStagedBlocksMax + 1, 0), 256);
  EXPECT_TRUE(blamed_);
  EXPECT_EQ(most.blocks_staged, kSyncStagedBlocksMax);
  EXPECT_GE(most.blocks_staged_bytes, kSyncStagedBlocksMax * ledger::kBlockHeaderBytes);
}

TEST_F(Staging, IsBoundedInBytes) {
  const auto most = most_staged(linked_junk(mesh_.genesis, 40, 2 * 1024 * 1024), 1);
  EXPECT_TRUE(blamed_);
  EXPECT_LE(most.blocks_staged_bytes, kSyncStagedBytesMax);
}

// One block without a certificate just before each time-out would keep everybody else from being
// asked.
TEST(Bounds, ASlowContinuationTurnsToTheNextPeer) {
  Mesh mesh{4};
  const auto blocks = linked_junk(mesh.genesis, 64, 0);
  Straggler straggler{mesh};
  const auto far = consensus::Subject::finalize({{1'000'000}, {0}, {}});
  const auto first = straggler.asked_for_a_range(CertificateReceived{kPeer, certificate_of(far)});
  std::size_t answers = 0;
  auto asked = first;
  for (; asked == first && answers < blocks.size(); ++answers) {
    straggler.now.monotonic = straggler.now.monotonic + base::milliseconds(499);
    asked = straggler.asked_for_a_range(SyncReceived{first, SyncBatch{{blocks[answers]}, {}}});
  }
  EXPECT_NE(asked, first);
  EXPECT_LE(answers, static_cast<std::size_t>(kContinuationTimeouts) + 2);
}

// The others have nothing, so nothing becomes final, and each round it gets twice the time.
TEST(Bounds, ASlowContinuationHoldsUpTheOthersForABoundedTime) {
  Mesh mesh{4};
  const auto blocks = linked_junk(mesh.genesis, 16, 0);
  Straggler straggler{mesh};
  const auto handled = [&](Event event) {
    return sent<SyncRequest>(mesh.genesis, straggler.handle(std::move(event))).at(0);
  };
  const auto far = consensus::Subject::finalize({{1'000'000}, {0}, {}});
  auto asked = handled(CertificateReceived{kPeer, certificate_of(far)});
  for (std::int64_t round = 0; round < 2 * kContinuationDoublingsMax; ++round) {
    const auto patience = ReplicaConfig{}.fetch_timeout *
                          (std::int64_t{1} << std::min(round, kContinuationDoublingsMax));
    while (asked.first != kPeer) asked = handled(SyncReceived{asked.first, {}});
    const auto since = straggler.now.monotonic;
    while (asked.first == kPeer) {
      straggler.now.monotonic =
          straggler.now.monotonic + base::milliseconds(patience.milliseconds() - 1);
      asked = handled(SyncReceived{kPeer, {{blocks.at(asked.second.from.value - 1)}, {}}});
    }
    EXPECT_LE(straggler.now.monotonic - since, patience * (kContinuationTimeouts + 2)) << round;
  }
}

// Honest peers behind slow links: each answers with one block, long after it was asked. Only the
// last block has a certificate.
class SlowLinks : public ::testing::TestWithParam<std::int64_t> {
 protected:
  static constexpr std::size_t kBlocks = 12;
  struct Answer {
    PeerIndex from;
    SyncBatch batch;
  };
  SyncBatch answer_to(const SyncRequest& request) const {
    const auto index = static_cast<std::size_t>(request.from.value - 1);
    SyncBatch out = batch_of(chain_, index, 1);
    if (index + 1 == kBlocks) out.certificate = finalization_of(chain_, index);
    return out;
  }
  void take(const Effects& effects) {
    committed_ += effects.commit.size();
    EXPECT_TRUE(effects.faults.empty());
    const auto now = straggler_.now.monotonic;
    for (const auto& [peer, request] : sent<SyncRequest>(mesh_.genesis, effects)) {
      const bool is_liar = peer == liar_;
      if (is_liar && request.from.value == 1) {
        answers_.emplace(now + base::milliseconds(1), Answer{peer, batch_of(chain_, 0, 1)});
      } else if (!is_liar) {
        answers_.emplace(now + base::milliseconds(GetParam()), Answer{peer, answer_to(request)});
        // Just given up, the liar begins again, before the next one has answered.
        if (std::exchange(liar_owes_, false))
          answers_.emplace(now + base::milliseconds(1), Answer{*liar_, batch_of(chain_, 0, 1)});
      }
      liar_owes_ |= is_liar && request.from.value != 1;
    }
  }
  void catch_up() {
    const auto start = straggler_.now.monotonic;
    take(straggler_.handle(CertificateReceived{kPeer, finalization_of(chain_, kBlocks - 1)}));
    while (committed_ < kBlocks && straggler_.now.monotonic < start + base::seconds(600)) step();
    EXPECT_EQ(committed_, kBlocks);
  }
  // The next thing that happens.
  void step() {
    auto next = *straggler_.replica.deadline();
    if (!answers_.empty()) next = std::min(next, answers_.begin()->first);
    straggler_.now.monotonic = std::max(next, straggler_.now.monotonic);
    if (answers_.empty() || answers_.begin()->first > straggler_.now.monotonic)
      return take(straggler_.handle(TimerFired{}));
    const auto [from, batch] = answers_.extract(answers_.begin()).mapped();
    take(straggler_.handle(SyncReceived{from, batch}));
  }

  Mesh mesh_{4};
  std::vector<CommittedBlock> chain_ = blocks_of(mesh_, kBlocks);
  Straggler straggler_{mesh_};
  std::multimap<base::TimePoint, Answer> answers_;
  std::size_t committed_ = 0;
  std::optional<PeerIndex> liar_;
  bool liar_owes_ = false;  // what would continue its blocks
};

TEST_P(SlowLinks, CatchUpInTheEnd) { catch_up(); }
TEST_P(SlowLinks, CatchUpInSpiteOfAFastLiar) {
  liar_ = PeerIndex{0};
  catch_up();
}
INSTANTIATE_TEST_SUITE_P(Milliseconds, SlowLinks, ::testing::Values(20, 450, 700, 3'000));

TEST(Bounds, APeerThatComesAndGoesIsGreetedOnceASecond) {
  Mesh mesh{4};
  Straggler straggler{mesh};
  (void)straggler.handle(TransactionsSubmitted{{{0, test_pay(mesh.genesis, {})}}});
  straggler.now.monotonic = straggler.now.monotonic + base::milliseconds(10);
  (void)straggler.handle(TimerFired{});
  const auto greetings = [&](const Effects& effects) {
    return sent<TransactionBatch>(mesh.genesis, effects).size();
  };
  std::size_t greeted = 1;  // as it first connected
  for (std::size_t i = 0; i < 100; ++i) {
    (void)straggler.handle(PeerDisconnected{kPeer});
    greeted += greetings(straggler.handle(PeerConnected{kPeer}));
  }
  EXPECT_EQ(greeted, static_cast<std::size_t>(kGreetingsBurst));
  straggler.now.monotonic = straggler.now.monotonic + kGreetInterval;
  ASSERT_LE(*straggler.replica.deadline(), straggler.now.monotonic);
  EXPECT_EQ(greetings(straggler.handle(TimerFired{})), 1U) << "but it is greeted in the end";
}

TEST(Bounds, AVoteOfSomebodyElseIsAFault) {
  Mesh mesh{4};
  const consensus::Vote vote{consensus::Subject::nullify({1}), {2}, {}};
  const auto& stats = mesh.replicas[0]->engine().stats();
  const auto counted = stats.votes_counted;
  EXPECT_EQ(mesh.replicas[0]->handle(VoteReceived{{1}, vote}, mesh.now).faults.size(), 1U);
  EXPECT_EQ(stats.votes_counted, counted);
  EXPECT_TRUE(mesh.replicas[0]->handle(VoteReceived{{2}, vote}, mesh.now).faults.empty());
  EXPECT_EQ(stats.votes_counted, counted + 1);
}

class Contradiction : public ::testing::Test {
 protected:
  Contradiction() {
    const auto asked =
        straggler_.asked_for_a_range(CertificateReceived{kPeer, finalization_of(chain_, 0)});
    SyncBatch first = batch_of(chain_, 0, 1);
    first.certificate = finalization_of(chain_, 0);
    EXPECT_EQ(straggler_.handle(SyncReceived{asked, first}).commit.size(), 1U);
    forged_.blocks = linked_junk(mesh_.genesis, 3, 0);
    forged_.blocks.erase(forged_.blocks.begin());
    forged_.blocks.back().header.view = 1'000;
    // Linked as before: only the last block changed.
    forged_.certificate =
        certificate_of(consensus::Subject::finalize(proposal_of(forged_.blocks.back().header, 1)));
  }
  Effects answer(SyncBatch batch) {
    const auto asked =
        straggler_.asked_for_a_range(CertificateReceived{kPeer, *forged_.certificate});
    return straggler_.handle(SyncReceived{asked, std::move(batch)});
  }

  Mesh mesh_{4};
  std::vector<CommittedBlock> chain_ = three_blocks(mesh_);
  Straggler straggler_{mesh_};
  SyncBatch forged_;  // final, and not on our head
};

TEST_F(Contradiction, OfTwoFinalChainsHaltsWithBothCertificates) {
  const auto effects = answer(forged_);
  ASSERT_TRUE(effects.halt);
  ASSERT_TRUE(effects.contradiction);
  EXPECT_EQ(effects.contradiction->first, finalization_of(chain_, 0));
  EXPECT_EQ(effects.contradiction->second, *forged_.certificate);
}

TEST_F(Contradiction, IsNotProvedWithoutACertificate) {
  auto bare = forged_;
  bare.certificate.reset();
  const auto effects = answer(bare);
  EXPECT_FALSE(effects.halt);
  EXPECT_EQ(effects.faults.size(), 1U);
}

TEST_F(Contradiction, IsNotProvedByBlocksThatAreNotLinked) {
  auto torn = forged_;
  torn.blocks.front().header.timestamp.value += 1;
  const auto effects = answer(torn);
  EXPECT_FALSE(effects.halt);
  EXPECT_EQ(effects.faults.size(), 1U);
}

}  // namespace
}  // namespace peerpay::node::testing
