// What the judge of a behaviour takes for seen: what came of the actor's own deeds, nothing else.
#include "tests/sim/behaviour_oracle.h"

#include <gtest/gtest.h>

#include "ledger/block.h"

namespace peerpay::sim::testing {
namespace {

constexpr NodeIndex kVictim{0};
constexpr NodeIndex kHonest{1};
constexpr NodeIndex kActor{3};

consensus::Subject finalize(std::uint64_t view, std::uint8_t digest = 1) {
  consensus::Proposal proposal{{view}, {0}, {}};
  proposal.digest.bytes.fill(digest);
  return consensus::Subject::finalize(proposal);
}

struct Judge {
  explicit Judge(Behaviour behaviour) : oracle{verdict, behaviour} {}

  void handle(const node::Event& event, const node::Effects& effects = {}) {
    const BehaviourOracle::EngineFacts facts{{100}, {99}, 4};
    oracle.before(kVictim, event, facts);
    oracle.after(kVictim, effects, facts);
  }
  void accuse(const consensus::Subject& first, const consensus::Subject& second) {
    node::Effects effects;
    effects.evidence.push_back({{first, kActor, {}}, {second, kActor, {}}});
    handle(node::TimerFired{}, effects);
  }
  void answer(NodeIndex from, const std::vector<ledger::Block>& blocks) {
    handle(node::SyncReceived{from, {blocks, {}}});
  }
  void commit(const ledger::Block& block) {
    node::Effects effects;
    effects.commit.emplace_back();
    effects.commit.back().hash = ledger::block_hash(block.header);
    handle(node::TimerFired{}, effects);
  }
  Verdict verdict;
  BehaviourOracle oracle;
};

TEST(BehaviourOracle, SeesNothingBeforeTheAct) {
  Judge judge{Behaviour::kFloodsMempool};
  judge.oracle.witnessed();
  EXPECT_EQ(judge.oracle.witnesses(), 0U);
  judge.oracle.acted();
  judge.oracle.witnessed();
  EXPECT_EQ(judge.oracle.witnesses(), 1U);
}

// B8: an honest node's certificate may come late.
TEST(BehaviourOracle, TakesOnlyTheActorsStaleMessagesForSeen) {
  Judge judge{Behaviour::kRepeatsStale};
  judge.oracle.acted();
  judge.oracle.is_void(kActor, finalize(50));
  judge.handle(node::CertificateReceived{kHonest, {finalize(50), {}, {}}});
  judge.handle(node::CertificateReceived{kActor, {finalize(51), {}, {}}});
  judge.handle(node::VoteReceived{kHonest, {finalize(50), kHonest, {}}});
  EXPECT_EQ(judge.oracle.witnesses(), 0U);
  judge.handle(node::CertificateReceived{kActor, {finalize(50), {}, {}}});
  judge.handle(node::VoteReceived{kActor, {finalize(50), kActor, {}}});
  EXPECT_EQ(judge.oracle.witnesses(), 2U);
  EXPECT_FALSE(judge.verdict.failure());
}

TEST(BehaviourOracle, StillFailsWhenAnHonestNodesStaleVoteIsKept) {
  Judge judge{Behaviour::kRepeatsStale};
  node::Effects effects;
  effects.persist.push_back(consensus::OwnVote{finalize(50)});
  judge.handle(node::VoteReceived{kHonest, {finalize(50), kHonest, {}}}, effects);
  EXPECT_TRUE(judge.verdict.failure());
}

// B14: evidence of what the actor did not send is not its flood's.
TEST(BehaviourOracle, TakesOnlyEvidenceOfTheActorsVotesForSeen) {
  for (const Behaviour behaviour : {Behaviour::kFloodsVotes, Behaviour::kVotesTwice}) {
    Judge judge{behaviour};
    judge.oracle.acted();
    judge.oracle.contradicts({finalize(50, 2), kActor, {}});
    judge.accuse(finalize(50, 1), finalize(50, 3));
    EXPECT_EQ(judge.oracle.witnesses(), 0U);
    judge.accuse(finalize(50, 1), finalize(50, 2));
    EXPECT_EQ(judge.oracle.witnesses(), 1U);
  }
}

// B23: the victim must hear the lie, then get the block from somebody else, then commit it.
TEST(BehaviourOracle, TakesOnlyWhatTheVictimGetsElsewhereAfterTheLieForSeen) {
  ledger::Block block;
  block.header.height = {7};
  ledger::Block other;
  other.header.height = {8};
  Judge judge{Behaviour::kLiesInSync};
  judge.oracle.acted();
  judge.oracle.lied({.liar = kActor, .victim = kVictim}, {block});
  judge.answer(kHonest, {block});  // the lie is still under way
  judge.commit(block);
  judge.answer(kActor, {block});
  judge.commit(block);  // of the liar
  judge.answer(kHonest, {other});
  judge.commit(other);  // nobody lied about it
  EXPECT_EQ(judge.oracle.witnesses(), 0U);
  judge.answer(kHonest, {block});
  EXPECT_EQ(judge.oracle.witnesses(), 0U);
  judge.commit(block);
  EXPECT_EQ(judge.oracle.witnesses(), 1U);
}

}  // namespace
}  // namespace peerpay::sim::testing
