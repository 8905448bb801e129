// Every checker must be able to fail: each of these histories is doctored in one place.
#include "tests/sim/checkers.h"

#include <gtest/gtest.h>

#include "tests/unit/sim/chain_builder.h"

namespace peerpay::sim::testing {
namespace {

constexpr NodeIndex kFirst{0};
constexpr NodeIndex kSecond{1};

consensus::Proposal proposal(std::uint64_t view, std::uint8_t digest) {
  consensus::Proposal out{{view}, {0}, {}};
  out.digest.bytes.fill(digest);
  return out;
}

struct Fixture : ::testing::Test {
  World world{calm_options()};
  ChainBuilder builder{world};
  VoteChecker& votes{world.checkers.votes};
  ChainChecker& chain{world.checkers.chain};

  bool failed() const { return world.verdict.failure().has_value(); }
  std::string explanation() const {
    return failed() ? world.verdict.failure()->explanation : "nothing";
  }
  void vote(NodeIndex node, const consensus::Subject& subject) {
    votes.on_record(node, consensus::OwnVote{subject});
    votes.on_vote(node, subject);
  }
  // Three honest votes, then the certificate that holds them.
  void certify(const consensus::Subject& subject) {
    for (const std::uint32_t i : {0U, 1U, 2U}) vote(NodeIndex{i}, subject);
    world.checkers.certificates.on_certificate(certificate_of(world, subject, 3));
  }
};

using VoteCheckerTest = Fixture;
using CertificateCheckerTest = Fixture;
using ChainCheckerTest = Fixture;
using PromiseCheckerTest = Fixture;
using BlameCheckerTest = Fixture;
using BoundsCheckerTest = Fixture;

TEST(Quorum, IsWhatTheProtocolNeeds) {
  // Any two quorums share an honest validator, and the honest ones alone are a quorum.
  for (std::uint32_t n = 1; n <= 10; ++n) {
    std::uint32_t faulty = 0;
    while (3 * (faulty + 1) < n) ++faulty;
    EXPECT_GT(2 * quorum_of(n), n + faulty) << n;
    EXPECT_LE(quorum_of(n), n - faulty) << n;
  }
}

TEST_F(VoteCheckerTest, AcceptsWhatAnHonestNodeMayDo) {
  vote(kFirst, consensus::Subject::notarize(proposal(1, 1)));
  vote(kFirst, consensus::Subject::notarize(proposal(1, 1)));
  vote(kFirst, consensus::Subject::finalize(proposal(1, 1)));
  vote(kFirst, consensus::Subject::notarize(proposal(2, 2)));
  vote(kFirst, consensus::Subject::nullify({2}));
  vote(kSecond, consensus::Subject::nullify({1}));
  EXPECT_FALSE(failed()) << explanation();
}

TEST_F(VoteCheckerTest, FindsTwoNotarizeVotes) {
  vote(kFirst, consensus::Subject::notarize(proposal(1, 1)));
  vote(kFirst, consensus::Subject::notarize(proposal(1, 2)));
  EXPECT_TRUE(failed());
}

TEST_F(VoteCheckerTest, FindsNotarizeRecordedAfterNullify) {
  votes.on_start(kFirst, {consensus::OwnVote{consensus::Subject::nullify({1})}});
  votes.on_record(kFirst, consensus::OwnVote{consensus::Subject::notarize(proposal(1, 1))});
  EXPECT_TRUE(failed());
}

// A crash between the record and the vote, and a retry that comes too late.
TEST_F(VoteCheckerTest, FindsNotarizeSentAfterNullify) {
  votes.on_start(kFirst, {consensus::OwnVote{consensus::Subject::notarize(proposal(1, 1))}});
  vote(kFirst, consensus::Subject::nullify({1}));
  votes.on_vote(kFirst, consensus::Subject::notarize(proposal(1, 1)));
  EXPECT_EQ(explanation(), "n0 voted notarize after nullify in view 1");
}

TEST_F(VoteCheckerTest, FindsAVoteThatWasNotRecorded) {
  votes.on_vote(kFirst, consensus::Subject::nullify({1}));
  EXPECT_EQ(explanation(), "n0 sends a vote that it has not recorded in view 1");
}

TEST_F(VoteCheckerTest, FindsFinalizeAfterNullify) {
  vote(kFirst, consensus::Subject::nullify({1}));
  vote(kFirst, consensus::Subject::finalize(proposal(1, 1)));
  EXPECT_TRUE(failed());
}

TEST_F(VoteCheckerTest, FindsNullifyAfterFinalize) {
  vote(kFirst, consensus::Subject::finalize(proposal(1, 1)));
  vote(kFirst, consensus::Subject::nullify({1}));
  EXPECT_TRUE(failed());
}

TEST_F(VoteCheckerTest, FindsTwoFinalizeVotes) {
  vote(kFirst, consensus::Subject::finalize(proposal(1, 1)));
  vote(kFirst, consensus::Subject::finalize(proposal(1, 2)));
  EXPECT_TRUE(failed());
}

TEST_F(CertificateCheckerTest, AcceptsAQuorum) {
  certify(consensus::Subject::notarize(proposal(1, 1)));
  certify(consensus::Subject::finalize(proposal(1, 1)));
  certify(consensus::Subject::nullify({2}));
  EXPECT_FALSE(failed()) << explanation();
}

TEST_F(CertificateCheckerTest, FindsASignerTooFew) {
  const auto subject = consensus::Subject::nullify({1});
  for (const std::uint32_t i : {0U, 1U}) vote(NodeIndex{i}, subject);
  world.checkers.certificates.on_certificate(certificate_of(world, subject, 2));
  EXPECT_EQ(explanation(), "view 1: no quorum");
}

TEST_F(CertificateCheckerTest, FindsAVoteThatWasNeverCast) {
  const auto subject = consensus::Subject::nullify({1});
  for (const std::uint32_t i : {0U, 1U}) vote(NodeIndex{i}, subject);
  world.checkers.certificates.on_certificate(certificate_of(world, subject, 3));
  EXPECT_EQ(explanation(), "view 1: n2 never voted so");
}

TEST_F(CertificateCheckerTest, FindsAForgedSignature) {
  const auto subject = consensus::Subject::nullify({1});
  for (const std::uint32_t i : {0U, 1U, 2U}) vote(NodeIndex{i}, subject);
  auto certificate = certificate_of(world, subject, 3);
  certificate.signatures[1].bytes[0] ^= 1;
  world.checkers.certificates.on_certificate(certificate);
  EXPECT_EQ(explanation(), "view 1: a wrong signature of n1");
}

TEST_F(CertificateCheckerTest, FindsTwoNotarizations) {
  certify(consensus::Subject::notarize(proposal(1, 1)));
  ASSERT_FALSE(failed());
  // Byzantine majority: the votes alone would be found by the vote checker.
  const auto other = consensus::Subject::notarize(proposal(1, 2));
  world.checkers.certificates.on_certificate(certificate_of(world, other, 3));
  EXPECT_TRUE(failed());
}

TEST_F(CertificateCheckerTest, FindsThatAFinalizedViewWasNullified) {
  certify(consensus::Subject::nullify({1}));
  ASSERT_FALSE(failed());
  world.checkers.certificates.on_certificate(
      certificate_of(world, consensus::Subject::finalize(proposal(1, 1)), 3));
  EXPECT_TRUE(failed());
}

TEST_F(ChainCheckerTest, AcceptsOneChainOnTwoNodes) {
  for (std::uint64_t nonce = 1; nonce <= 3; ++nonce) {
    const auto block = builder.next({pay(world, {.nonce = nonce})});
    chain.on_commit(kFirst, block);
    chain.on_commit(kSecond, block);
  }
  EXPECT_FALSE(failed()) << explanation();
  EXPECT_EQ(chain.height(), ledger::Height{3});
}

TEST_F(ChainCheckerTest, FindsAFork) {
  World other{calm_options()};
  ChainBuilder fork{other};
  chain.on_commit(kFirst, builder.next({pay(world, {.units = 1})}));
  chain.on_commit(kSecond, fork.next({pay(other, {.units = 2})}));
  EXPECT_TRUE(failed());
}

TEST_F(ChainCheckerTest, FindsAGap) {
  (void)builder.next({});
  chain.on_commit(kFirst, builder.next({}));
  EXPECT_EQ(explanation(), "n0 commits height 2 after height 0");
}

TEST_F(ChainCheckerTest, FindsABalanceThatTheBlockDoesNotExplain) {
  auto block = builder.next({pay(world, {})});
  auto& account = block.changes.begin()->second;
  account.set_balance({1}, ledger::Amount{account.balance({1}).units() + 1});
  chain.on_commit(kFirst, block);
  EXPECT_TRUE(failed());
}

TEST_F(ChainCheckerTest, FindsAChangeThatIsMissing) {
  auto block = builder.next({pay(world, {})});
  block.changes.erase(block.changes.begin());
  chain.on_commit(kFirst, block);
  EXPECT_TRUE(failed());
}

TEST_F(ChainCheckerTest, FindsThatAnotherNodeExecutesToAnotherResult) {
  auto block = builder.next({pay(world, {})});
  chain.on_commit(kFirst, block);
  ASSERT_FALSE(failed()) << explanation();
  block.outcomes[0].fee_charged = ledger::Amount{4};
  chain.on_commit(kSecond, block);
  EXPECT_EQ(explanation(), "n1 executes height 1 to another result");
}

TEST_F(ChainCheckerTest, FindsAWrongFee) {
  auto block = builder.next({pay(world, {})});
  block.outcomes[0].fee_charged = ledger::Amount{4};
  chain.on_commit(kFirst, block);
  EXPECT_TRUE(failed());
}

TEST_F(ChainCheckerTest, FindsARestartBelowWhatWasDurable) {
  const auto first = builder.next({});
  chain.on_commit(kFirst, first);
  chain.on_commit(kFirst, builder.next({}));
  chain.on_durable(kFirst, {2});
  chain.on_start(kFirst, first.block.header);
  EXPECT_TRUE(failed());
}

TEST_F(ChainCheckerTest, FindsARestartOnAnotherBlock) {
  chain.on_commit(kFirst, builder.next({}));
  auto header = builder.head();
  header.timestamp.value += 1;
  chain.on_start(kFirst, header);
  EXPECT_TRUE(failed());
}

TEST_F(PromiseCheckerTest, FindsALostPayment) {
  const auto id = pay(world, {}).id;
  PromiseChecker& promises = world.checkers.promises;
  promises.told_final(kFirst, id, {4});
  promises.at_end(kFirst, [](const auto&) { return std::optional{ledger::Height{4}}; });
  EXPECT_FALSE(failed()) << explanation();
  promises.at_end(kSecond, [](const auto&) { return std::optional<ledger::Height>{}; });
  EXPECT_TRUE(failed());
}

TEST_F(PromiseCheckerTest, FindsAPaymentThatIsAppliedAfterNever) {
  const auto id = pay(world, {}).id;
  world.checkers.promises.told_never(kFirst, id, ledger::TransactionResult::kExpired);
  EXPECT_FALSE(failed());
  world.checkers.promises.on_applied(id);
  EXPECT_TRUE(failed());
}

TEST_F(PromiseCheckerTest, FindsANeverOfWhatIsApplied) {
  const auto id = pay(world, {}).id;
  world.checkers.promises.on_applied(id);
  world.checkers.promises.told_never(kFirst, id, ledger::TransactionResult::kNonceUsed);
  EXPECT_TRUE(failed());
}

TEST_F(BlameCheckerTest, FindsAnHonestNodeBlamed) {
  world.checkers.blame.on_fault(kFirst, {kSecond, "no reason"});
  EXPECT_TRUE(failed());
}

TEST_F(BlameCheckerTest, FindsAHalt) {
  world.checkers.blame.on_halt(kFirst, "contradiction");
  EXPECT_TRUE(failed());
}

TEST_F(BlameCheckerTest, FindsEvidenceAgainstAnHonestNode) {
  const consensus::Vote vote{consensus::Subject::nullify({1}), kSecond, {}};
  world.checkers.blame.on_evidence(kFirst, {vote, vote});
  EXPECT_EQ(explanation(), "n0 has evidence against the honest n1");
}

TEST_F(BlameCheckerTest, TwoCertificatesProveOnlyWhenTheyContradictAndVerify) {
  const auto finalized = [&](std::uint64_t view, std::uint8_t digest) {
    return certificate_of(world, consensus::Subject::finalize(proposal(view, digest)), 3);
  };
  const BlameChecker& blame = world.checkers.blame;
  EXPECT_TRUE(blame.proves_contradiction({finalized(1, 1), finalized(1, 2)}));
  EXPECT_FALSE(blame.proves_contradiction({finalized(1, 1), finalized(1, 1)}));
  auto forged = finalized(1, 2);
  forged.signatures[0].bytes[0] ^= 1;
  EXPECT_FALSE(blame.proves_contradiction({finalized(1, 1), forged}));
}

// n1 and n2 vote, n0 sees it.
struct EvidenceCheckerTest : Fixture {
  EvidenceChecker& evidence{world.checkers.evidence};
  static constexpr EvidenceChecker::Place kInViewOne{{1}, {0}};

  static consensus::Vote vote_of(std::uint32_t signer, const consensus::Subject& subject) {
    return {subject, {signer}, {}};
  }
  void see(const consensus::Vote& vote, const node::Effects& effects = {}) {
    evidence.before(kFirst, vote, kInViewOne);
    evidence.after(kFirst, effects);
  }
  static node::Effects accusing(const consensus::Vote& first, const consensus::Vote& second) {
    node::Effects out;
    out.evidence.push_back({first, second});
    return out;
  }

  const consensus::Vote nullify = vote_of(2, consensus::Subject::nullify({1}));
  const consensus::Vote finalize = vote_of(2, consensus::Subject::finalize(proposal(1, 1)));
  const consensus::Vote proposed = vote_of(1, consensus::Subject::notarize(proposal(1, 1)));
  const consensus::Vote again = vote_of(1, consensus::Subject::notarize(proposal(1, 2)));
};

TEST_F(EvidenceCheckerTest, AcceptsEvidenceAtOnce) {
  see(nullify);
  see(finalize, accusing(nullify, finalize));
  EXPECT_FALSE(failed()) << explanation();
  EXPECT_EQ(evidence.evidence_due(), 1U);
}

TEST_F(EvidenceCheckerTest, FindsThatThereIsNone) {
  see(nullify);
  see(finalize);
  EXPECT_EQ(explanation(),
            "n0 got two votes of n2 in view 1 that exclude each other, and has no evidence");
}

// The same view and content but for the kind.
TEST_F(EvidenceCheckerTest, FindsThatThereIsNoneOfAFinalizeOfNothing) {
  see(nullify);
  see(vote_of(2, consensus::Subject::finalize({{1}, {0}, {}})));
  EXPECT_TRUE(failed());
}

TEST_F(EvidenceCheckerTest, FindsTheSameEvidenceTwice) {
  see(nullify);
  see(finalize, accusing(nullify, finalize));
  see(finalize, accusing(nullify, finalize));
  EXPECT_EQ(explanation(), "n0 has evidence against n2 twice in view 1");
}

TEST_F(EvidenceCheckerTest, FindsAFinalizeVoteWhereTheLeaderProposedTwice) {
  see(proposed);
  see(again, accusing(proposed, again));
  node::Effects finalizes;
  finalizes.persist.push_back(
      consensus::OwnVote{consensus::Subject::finalize(proposed.subject.proposal)});
  see(nullify, finalizes);
  EXPECT_EQ(explanation(), "n0 finalizes in view 1, whose leader proposed twice");
}

TEST_F(BoundsCheckerTest, AcceptsABlockOrThreeForEachView) {
  node::ReplicaStatus status;
  status.view = {12};
  status.blocks_held = 30;
  world.checkers.bounds.on_turn(kFirst, status, 10);
  EXPECT_FALSE(failed()) << explanation();
}

TEST_F(BoundsCheckerTest, AcceptsTheBlocksOnTheWayToWhereOthersHaveBeen) {
  node::ReplicaStatus ahead;
  ahead.view = {22};
  world.checkers.bounds.on_turn(kSecond, ahead, 21);
  node::ReplicaStatus behind;
  behind.view = {12};
  behind.blocks_held = 60;
  world.checkers.bounds.on_turn(kFirst, behind, 10);
  EXPECT_FALSE(failed()) << explanation();
  behind.blocks_held = 61;
  world.checkers.bounds.on_turn(kFirst, behind, 10);
  EXPECT_TRUE(failed());
}

TEST_F(BoundsCheckerTest, FindsBlocksThatNoViewNeeds) {
  node::ReplicaStatus status;
  status.view = {12};
  status.blocks_held = 31;
  world.checkers.bounds.on_turn(kFirst, status, 10);
  EXPECT_TRUE(failed());
}

TEST_F(BoundsCheckerTest, AcceptsTheViewsThatOthersHaveBeenIn) {
  node::ReplicaStatus ahead;
  ahead.view = {93};
  ahead.finalized_view = {92};
  world.checkers.bounds.on_turn(kSecond, ahead, 18, {});
  node::ReplicaStatus behind;
  behind.view = {52};
  behind.finalized_view = {51};
  world.checkers.bounds.on_turn(kFirst, behind, 16 + 43, {});
  EXPECT_FALSE(failed()) << explanation();
}

TEST_F(BoundsCheckerTest, FindsAViewThatNobodyHasBeenIn) {
  node::ReplicaStatus status;
  status.view = {52};
  status.finalized_view = {51};
  world.checkers.bounds.on_turn(kFirst, status, 18, {});
  EXPECT_FALSE(failed()) << explanation();
  world.checkers.bounds.on_turn(kFirst, status, 19, {});
  EXPECT_EQ(explanation(), "n0 holds 19 views in view 52, final view 51, of all view 52");
}

TEST_F(BoundsCheckerTest, FindsAPoolThatIsOverfull) {
  node::ReplicaStatus status;
  node::MempoolConfig pool;
  status.mempool_transactions = pool.transactions_max + 1;
  world.checkers.bounds.on_turn(kFirst, status, 0, pool);
  EXPECT_TRUE(failed());
}

TEST_F(BoundsCheckerTest, FindsTooMuchThatIsStaged) {
  node::ReplicaStatus status;
  status.view = {12};
  status.blocks_staged = 2049;
  world.checkers.bounds.on_turn(kFirst, status, 10);
  EXPECT_TRUE(failed());
}

}  // namespace
}  // namespace peerpay::sim::testing
