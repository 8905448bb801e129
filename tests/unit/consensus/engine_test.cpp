// The rules of views, proposals, certificates, repair and restart, one engine at a time. Validator
// 0 of four unless said otherwise; the leader of view v is v mod 4.
#include "consensus/engine.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "consensus/limits.h"
#include "tests/unit/consensus/solo.h"

namespace peerpay::consensus::test {
namespace {

using Subjects = std::vector<Subject>;

TEST(Engine, VotesForAVerifiedProposalAndFinalizesItsView) {
  Solo solo;
  const auto b = block(1, 0);
  solo.vote(Subject::notarize(b), {1});
  ASSERT_EQ(requests<VerifyRequest>(solo.last).size(), 1U);
  EXPECT_EQ(requests<VerifyRequest>(solo.last)[0].proposal, b);
  EXPECT_EQ(requests<VerifyRequest>(solo.last)[0].parent, Proposal{}) << "the genesis";
  EXPECT_TRUE(solo.last.sign.empty()) << "not before the application verified it";

  solo.take(solo.engine.on_verified(b, true, solo.now));
  EXPECT_EQ(solo.last.sign, Subjects{Subject::notarize(b)});
  EXPECT_EQ(solo.last.persist, std::vector<SafetyRecord>{OwnVote{Subject::notarize(b)}});

  solo.vote(Subject::notarize(b), {0, 2});
  ASSERT_EQ(requests<CertifyRequest>(solo.last).size(), 1U);
  EXPECT_EQ(sent_certificates(solo.last), (std::vector<SentTo>{{{}, Subject::notarize(b)}}));
  EXPECT_EQ(solo.engine.view(), View{1}) << "not certified yet";

  solo.take(solo.engine.on_certified(b, true, solo.now));
  EXPECT_EQ(solo.last.sign, Subjects{Subject::finalize(b)});
  EXPECT_EQ(solo.last.persist,
            (std::vector<SafetyRecord>{CertifyVerdict{b, true}, OwnVote{Subject::finalize(b)}}));
  EXPECT_EQ(solo.engine.view(), View{2});

  solo.vote(Subject::finalize(b), {0, 1, 2});
  ASSERT_EQ(solo.last.commit.size(), 1U);
  EXPECT_EQ(solo.last.commit[0].finalization.subject, Subject::finalize(b));
  EXPECT_EQ(solo.last.commit[0].finalization.signatures.size(), 3U);
  EXPECT_EQ(solo.engine.finalized(), View{1});
}

TEST(Engine, MakesAndBroadcastsACertificateOnce) {
  Solo solo;
  const auto b = block(1, 0);
  solo.vote(Subject::notarize(b), {1, 2, 3, 0});
  solo.certificate(Subject::notarize(b));
  solo.vote(Subject::notarize(b), {1, 2, 3, 0});
  EXPECT_EQ(sent_certificates(solo.all).size(), 1U);
  EXPECT_EQ(solo.engine.stats().certificates_made, 1U);
  EXPECT_EQ(requests<CertifyRequest>(solo.all).size(), 1U);
}

TEST(Engine, PassesOnAReceivedCertificateThatIsNews) {
  Solo solo;
  solo.foreign_certificate(Subject::nullify(View{1}));
  EXPECT_EQ(sent_certificates(solo.last), (std::vector<SentTo>{{{}, Subject::nullify(View{1})}}));
  solo.foreign_certificate(Subject::nullify(View{9}));
  EXPECT_EQ(sent_certificates(solo.last).size(), 1U);
  solo.foreign_certificate(Subject::nullify(View{5}));
  EXPECT_TRUE(sent_certificates(solo.last).empty()) << "an answer about the past";
}

TEST(Engine, ProposesOnTheHighestCertifiedViewAndOnce) {
  Solo solo;
  const auto parent = block(2, 0);
  solo.foreign_certificate(Subject::nullify(View{1}));
  solo.certify(parent);
  solo.foreign_certificate(Subject::nullify(View{3}));
  EXPECT_EQ(solo.engine.leader().value, 0U);
  EXPECT_TRUE(requests<ProposeRequest>(solo.all).empty()) << "idle";
  solo.wait(base::milliseconds(20));
  solo.work(true);
  ASSERT_EQ(requests<ProposeRequest>(solo.last).size(), 1U);
  EXPECT_EQ(requests<ProposeRequest>(solo.last)[0].view, View{4});
  EXPECT_EQ(requests<ProposeRequest>(solo.last)[0].parent, parent);
  solo.work(true);
  EXPECT_TRUE(requests<ProposeRequest>(solo.last).empty());

  const Proposal mine{View{4}, View{2}, make_digest(77)};
  solo.take(solo.engine.on_proposed(View{4}, mine.digest, solo.now));
  EXPECT_EQ(solo.last.sign, Subjects{Subject::notarize(mine)});
  solo.take(solo.engine.on_proposed(View{4}, make_digest(78), solo.now));
  EXPECT_TRUE(solo.last.sign.empty()) << "a second answer is no second proposal";
}

TEST(Engine, ProposesNothingAboveAGapAndAsksForIt) {
  Solo solo;
  solo.work(true);
  solo.foreign_certificate(Subject::nullify(View{3}));
  EXPECT_EQ(solo.engine.view(), View{4});
  EXPECT_TRUE(requests<ProposeRequest>(solo.all).empty());
  EXPECT_EQ(asked(solo.last), (std::vector<Asked>{{1, 1}, {2, 2}})) << "in turn from everybody";
  solo.foreign_certificate(Subject::nullify(View{1}));
  solo.foreign_certificate(Subject::nullify(View{2}));
  EXPECT_EQ(requests<ProposeRequest>(solo.last).size(), 1U);
}

TEST(Engine, HoldsItsProposalForTheBlockInterval) {
  Solo solo;
  solo.work(true);
  solo.foreign_certificate(Subject::nullify(View{1}));
  solo.foreign_certificate(Subject::nullify(View{2}));
  const auto parent = block(3, 0);
  solo.vote(Subject::notarize(parent), {3});
  solo.wait(base::milliseconds(5));
  solo.certify(parent);
  EXPECT_EQ(solo.engine.view(), View{4});
  EXPECT_TRUE(requests<ProposeRequest>(solo.all).empty());
  EXPECT_EQ(solo.until_deadline(), base::milliseconds(15));
  solo.fire();
  EXPECT_EQ(requests<ProposeRequest>(solo.last).size(), 1U);
}

TEST(Engine, GivesUpAtOnceWhenTheApplicationDeclines) {
  Solo solo({.self = 1});
  solo.work(true);
  solo.take(solo.engine.on_proposed(View{1}, {}, solo.now));
  EXPECT_EQ(solo.last.sign, Subjects{Subject::nullify(View{1})});
}

TEST(Engine, NullifiesWhatTheApplicationRefuses) {
  Solo solo;
  const auto b = block(1, 0);
  solo.vote(Subject::notarize(b), {1});
  solo.take(solo.engine.on_verified(block(1, 0, 9), false, solo.now));
  EXPECT_TRUE(solo.last.sign.empty()) << "an answer about something else";
  solo.take(solo.engine.on_verified(b, false, solo.now));
  EXPECT_EQ(solo.last.sign, Subjects{Subject::nullify(View{1})});
}

TEST(Engine, VerifiesNothingThatAQuorumHasNotarized) {
  Solo solo;
  const auto b = block(1, 0);
  solo.foreign_certificate(Subject::notarize(b));
  solo.vote(Subject::notarize(b), {1});
  EXPECT_TRUE(requests<VerifyRequest>(solo.all).empty());
}

TEST(Engine, NullifiesAProposalThatSkipsTheFinalizedView) {
  Solo solo;
  solo.foreign_certificate(Subject::finalize(block(4, 0)));
  solo.vote(Subject::notarize(block(5, 3)), {1});
  EXPECT_EQ(solo.last.sign, Subjects{Subject::nullify(View{5})});
  EXPECT_TRUE(requests<VerifyRequest>(solo.all).empty());
}

TEST(Engine, NeverNotarizesAboveARefusedBlock) {
  Solo solo;
  const auto bad = block(1, 0);
  solo.foreign_certificate(Subject::notarize(bad));
  solo.take(solo.engine.on_certified(bad, false, solo.now));
  EXPECT_EQ(solo.last.sign, Subjects{Subject::nullify(View{1})});
  EXPECT_EQ(solo.last.persist.size(), 2U);
  solo.foreign_certificate(Subject::nullify(View{1}));
  solo.vote(Subject::notarize(block(2, 1)), {2});
  EXPECT_EQ(solo.last.sign, Subjects{Subject::nullify(View{2})});
}

TEST(Engine, AsksTheProposerForTheAncestryThatItLacks) {
  Solo solo;
  solo.foreign_certificate(Subject::nullify(View{4}));  // enters view 5 without views 1 to 3
  const auto b = block(5, 2);
  solo.vote(Subject::notarize(b), {1});
  EXPECT_TRUE(requests<VerifyRequest>(solo.last).empty());
  EXPECT_EQ(asked(solo.last), (std::vector<Asked>{{1, 2}, {1, 3}}));
  EXPECT_TRUE(asked(solo.wait(base::milliseconds(999))).empty());
  const auto again = asked(solo.wait(base::milliseconds(1)));
  EXPECT_EQ(std::count(again.begin(), again.end(), Asked{1, 2}), 1) << "after a retry interval";
  EXPECT_EQ(std::count(again.begin(), again.end(), Asked{1, 3}), 1);

  solo.foreign_certificate(Subject::nullify(View{3}));
  solo.foreign_certificate(Subject::notarize(block(2, 0)));
  EXPECT_TRUE(requests<VerifyRequest>(solo.last).empty()) << "the parent is not certified yet";
  solo.take(solo.engine.on_certified(block(2, 0), true, solo.now));
  ASSERT_EQ(requests<VerifyRequest>(solo.last).size(), 1U);
  EXPECT_EQ(requests<VerifyRequest>(solo.last)[0].parent, block(2, 0));
}

TEST(Engine, AsksAgainAndAnotherPeerWhileAGapStays) {
  Solo solo;
  solo.work(true);
  solo.foreign_certificate(Subject::nullify(View{2}));
  ASSERT_EQ(asked(solo.last).size(), 1U);
  const auto first = asked(solo.last)[0];
  EXPECT_EQ(first.view, 1U);
  std::vector<Asked> again;
  for (int i = 0; i < 10 && again.empty(); ++i) again = asked(solo.fire());
  ASSERT_FALSE(again.empty());
  EXPECT_EQ(again[0].view, 1U);
  EXPECT_NE(again[0].peer, first.peer);
}

TEST(Engine, AsksForABoundedNumberOfViewsAtATime) {
  Solo solo;
  solo.foreign_certificate(Subject::nullify(View{1'000'000}));
  EXPECT_EQ(asked(solo.last).size(), kRepairsMax);
  solo.foreign_certificate(Subject::finalize(block(1'000'000 - 1, 0)));
  EXPECT_FALSE(solo.engine.deadline()) << "the finalization settled all of them";
}

TEST(Engine, ServesWhatSettlesAView) {
  Solo solo;
  const auto f = block(4, 0);
  const auto c = block(5, 4);
  solo.foreign_certificate(Subject::finalize(f));
  solo.certify(c);
  solo.foreign_certificate(Subject::nullify(View{5}));
  solo.foreign_certificate(Subject::nullify(View{6}));
  solo.foreign_certificate(Subject::notarize(block(7, 5)));  // not certified
  const auto answer = [&](std::uint64_t view) {
    return sent_certificates(solo.take(solo.engine.on_repair_request({2}, {View{view}}, solo.now)));
  };
  EXPECT_EQ(answer(1), (std::vector<SentTo>{{2, Subject::finalize(f)}}));
  EXPECT_EQ(answer(4), (std::vector<SentTo>{{2, Subject::finalize(f)}}));
  EXPECT_EQ(answer(5),
            (std::vector<SentTo>{{2, Subject::notarize(c)}, {2, Subject::nullify(View{5})}}));
  EXPECT_EQ(answer(6), (std::vector<SentTo>{{2, Subject::nullify(View{6})}}));
  EXPECT_TRUE(answer(7).empty()) << "only certified notarizations are served";
  EXPECT_TRUE(answer(8).empty());
  EXPECT_TRUE(answer(UINT64_MAX).empty());
  EXPECT_TRUE(solo.take(solo.engine.on_repair_request({9}, {View{1}}, solo.now)).send.empty());
}

TEST(Engine, PushesItsBestCertificatesToAPeerThatConnects) {
  Solo solo;
  EXPECT_TRUE(solo.take(solo.engine.on_peer_connected({2}, solo.now)).empty());
  const auto f = block(4, 0);
  solo.foreign_certificate(Subject::finalize(f));
  solo.take(solo.engine.on_peer_connected({2}, solo.now));
  EXPECT_EQ(sent_certificates(solo.last), (std::vector<SentTo>{{2, Subject::finalize(f)}}));
  solo.foreign_certificate(Subject::nullify(View{5}));
  solo.take(solo.engine.on_peer_connected({2}, solo.now));
  EXPECT_EQ(sent_certificates(solo.last),
            (std::vector<SentTo>{{2, Subject::finalize(f)}, {2, Subject::nullify(View{5})}}));
}

TEST(Engine, RepeatsItsVoteForAPeerThatConnects) {
  Solo solo;
  const auto connect = [&] { return solo.take(solo.engine.on_peer_connected({2}, solo.now)).sign; };
  solo.work(true);
  EXPECT_TRUE(connect().empty()) << "no vote yet";
  const auto b = block(1, 0);
  solo.vote(Subject::notarize(b), {1});
  solo.take(solo.engine.on_verified(b, true, solo.now));
  EXPECT_EQ(connect(), Subjects{Subject::notarize(b)});
  EXPECT_TRUE(solo.last.persist.empty()) << "it is in the journal already";

  solo.wait(base::milliseconds(800));
  ASSERT_EQ(solo.last.sign, Subjects{Subject::nullify(View{1})});
  EXPECT_EQ(connect(), Subjects{Subject::nullify(View{1})}) << "the notarize never after it";
}

TEST(Engine, AnswersAVoteThatIsRepeatedInAViewItLeft) {
  Solo solo;
  const auto b = block(1, 0);
  solo.vote(Subject::finalize(b), {1, 2, 3});
  solo.vote(Subject::nullify(View{1}), {3});
  EXPECT_TRUE(sent_certificates(solo.last).empty()) << "late, not repeated";
  solo.vote(Subject::finalize(b), {3});
  EXPECT_EQ(sent_certificates(solo.last), (std::vector<SentTo>{{3, Subject::finalize(b)}}));
  solo.vote(Subject::finalize(b), {3});
  EXPECT_TRUE(sent_certificates(solo.last).empty()) << "once per retry interval";
  solo.now = solo.now + base::milliseconds(1000);
  solo.vote(Subject::finalize(b), {3});
  EXPECT_EQ(sent_certificates(solo.last).size(), 1U);
  EXPECT_EQ(solo.engine.stats().stragglers_helped, 2U);
}

// --- Bounds ---

TEST(Bounds, FarVotesOpenNothing) {
  Solo solo;
  for (std::uint64_t view = 1; view <= 100'000; ++view)
    solo.vote(Subject::nullify(View{view}), {3});
  solo.vote(Subject::nullify(View{UINT64_MAX - 1}), {3});
  EXPECT_LE(solo.engine.views_held(), 2U);
  EXPECT_EQ(solo.engine.stats().votes_counted, 2U);
}

TEST(Bounds, OldVotesOpenABoundedNumberOfViews) {
  Solo solo;
  solo.foreign_certificate(Subject::nullify(View{1'000'000}));
  for (std::uint64_t view = 900'000; view <= 1'000'002; ++view)
    solo.vote(Subject::nullify(View{view}), {3});
  EXPECT_LE(solo.engine.views_held(), kVotesBehindMax + 3);
}

TEST(Bounds, CertificatesOpenABoundedNumberOfViewsAndFinalizationFreesThem) {
  Solo solo;
  for (std::uint64_t i = 0; i < kViewsHeldMax + 1000; ++i) {
    solo.foreign_certificate(Subject::notarize(block(1'000'000 + 2 * i, 1)));
  }
  EXPECT_EQ(solo.engine.views_held(), kViewsHeldMax);
  solo.foreign_certificate(Subject::finalize(block(9'000'000, 1)));
  EXPECT_EQ(solo.engine.finalized(), View{9'000'000});
  EXPECT_EQ(solo.engine.views_held(), 2U);
  EXPECT_LE(solo.engine.journal().size(), 1U);
}

TEST(Bounds, FinalizedViewsLeaveMemory) {
  Solo solo;
  for (std::uint64_t view = 1; view <= 1000; ++view) {
    solo.certify(block(view, view - 1));
    solo.vote(Subject::finalize(block(view, view - 1)), {1, 2, 3});
  }
  EXPECT_EQ(solo.engine.finalized(), View{1000});
  EXPECT_LE(solo.engine.views_held(), kViewsRetained + 2);
  EXPECT_EQ(solo.engine.journal().size(), 1U);
}

TEST(Bounds, ForeignSignersAreIgnored) {
  Solo solo;
  EXPECT_TRUE(solo.vote(Subject::nullify(View{1}), {4, 127, UINT32_MAX}).empty());
  EXPECT_TRUE(solo.take(solo.engine.on_peer_connected({4}, solo.now)).empty());
}

TEST(Bounds, ARebroadcastIsBounded) {
  Solo solo;
  solo.work(true);
  for (std::uint64_t view = 1; view <= 500; ++view)
    solo.foreign_certificate(Subject::nullify(View{view}));
  std::set<View> views;
  for (int i = 0; i < 400 && views.size() < 500; ++i) {
    const auto sent = sent_certificates(solo.fire());
    EXPECT_LE(sent.size(), kRebroadcastMax + 3);
    for (const auto& message : sent) views.insert(message.subject.view());
  }
  EXPECT_EQ(views.size(), 500U) << "in turn, all of them";
}

// --- Certificates from anywhere ---

TEST(Engine, JumpsToWhatACertificateOfTheFutureProves) {
  Solo solo;
  solo.foreign_certificate(Subject::nullify(View{41}));
  EXPECT_EQ(solo.engine.view(), View{42});
  solo.foreign_certificate(Subject::finalize(block(1'000'000'000'000, 5)));
  EXPECT_EQ(solo.engine.view(), View{1'000'000'000'001});
  EXPECT_EQ(solo.engine.finalized(), View{1'000'000'000'000});
  EXPECT_EQ(solo.last.commit.size(), 1U);
  EXPECT_TRUE(solo.all.sign.empty());
}

TEST(Engine, KeepsCountingFinalizeVotesOfViewsThatItLeft) {
  Solo solo;
  const auto b = block(1, 0);
  solo.certify(b);
  for (std::uint64_t view = 2; view <= 100; ++view)
    solo.foreign_certificate(Subject::nullify(View{view}));
  EXPECT_EQ(solo.engine.finalized(), View{0});
  solo.vote(Subject::finalize(b), {0, 1, 2});
  EXPECT_EQ(solo.engine.finalized(), View{1});
  EXPECT_EQ(solo.engine.view(), View{101});
}

TEST(Engine, IgnoresWhatIsOutdated) {
  Solo solo;
  solo.foreign_certificate(Subject::finalize(block(50, 0)));
  EXPECT_TRUE(solo.foreign_certificate(Subject::finalize(block(30, 0))).empty());
  EXPECT_TRUE(solo.foreign_certificate(Subject::nullify(View{49})).empty());
  EXPECT_TRUE(solo.foreign_certificate(Subject::notarize(block(50, 0))).empty());
  EXPECT_TRUE(solo.take(solo.engine.on_certified(block(50, 0), true, solo.now)).empty());
  EXPECT_TRUE(solo.take(solo.engine.on_verified(block(50, 0), true, solo.now)).empty());
  EXPECT_TRUE(solo.take(solo.engine.on_proposed(View{50}, make_digest(1), solo.now)).empty());
}

// --- Equivocation and worse ---

TEST(Equivocation, OfTheLeaderIsReportedAndNullified) {
  Solo solo;
  solo.vote(Subject::notarize(block(1, 0, 1)), {1});
  solo.vote(Subject::notarize(block(1, 0, 2)), {1});
  ASSERT_EQ(solo.last.evidence.size(), 1U);
  EXPECT_EQ(solo.last.evidence[0].first.subject, Subject::notarize(block(1, 0, 1)));
  EXPECT_EQ(solo.last.evidence[0].second.subject, Subject::notarize(block(1, 0, 2)));
  EXPECT_EQ(solo.last.sign, Subjects{Subject::nullify(View{1})});
  solo.take(solo.engine.on_verified(block(1, 0, 1), true, solo.now));
  EXPECT_TRUE(solo.last.sign.empty());
  solo.vote(Subject::notarize(block(1, 0, 3)), {1});
  EXPECT_TRUE(solo.last.evidence.empty()) << "one proof is enough";
}

// Found by the simulator (behaviour B14): one accusation a view hid the second proposal.
TEST(Equivocation, OfALeaderThatWasAccusedBeforeLeavesNoFinalizeVote) {
  Solo solo;
  const auto told = block(1, 0, 1);
  solo.vote(Subject::notarize(told), {1});
  solo.take(solo.engine.on_verified(told, true, solo.now));
  solo.vote(Subject::finalize(told), {1});
  solo.vote(Subject::nullify(View{1}), {1});
  ASSERT_EQ(solo.last.evidence.size(), 1U);
  solo.vote(Subject::notarize(block(1, 0, 2)), {1});
  EXPECT_TRUE(solo.last.evidence.empty());
  solo.certify(told);
  for (const auto& subject : solo.all.sign) EXPECT_NE(subject.kind, VoteKind::kFinalize);
}

TEST(Equivocation, SeenThroughACertificateLeavesNoFinalizeVote) {
  Solo solo;
  const auto told = block(1, 0, 1);
  const auto chosen = block(1, 0, 2);
  solo.vote(Subject::notarize(told), {1});
  solo.take(solo.engine.on_verified(told, true, solo.now));
  solo.foreign_certificate(Subject::notarize(chosen));
  solo.take(solo.engine.on_certified(chosen, true, solo.now));
  EXPECT_EQ(solo.engine.view(), View{2}) << "the quorum's choice is the chain";
  for (const auto& subject : solo.all.sign) EXPECT_NE(subject.kind, VoteKind::kFinalize);
  solo.vote(Subject::notarize(block(2, 1)), {2});
  ASSERT_EQ(requests<VerifyRequest>(solo.last).size(), 1U);
  EXPECT_EQ(requests<VerifyRequest>(solo.last)[0].parent, chosen);
}

TEST(Equivocation, OfAnyVoterIsReported) {
  Solo solo;
  solo.vote(Subject::nullify(View{1}), {3});
  solo.vote(Subject::finalize(block(1, 0)), {3});
  EXPECT_EQ(solo.last.evidence.size(), 1U);
}

TEST(Contradiction, StopsTheEngine) {
  const std::pair<Subject, Subject> pairs[] = {
      {Subject::finalize(block(1, 0, 1)), Subject::finalize(block(1, 0, 2))},
      {Subject::finalize(block(1, 0)), Subject::nullify(View{1})},
      {Subject::nullify(View{1}), Subject::finalize(block(1, 0))},
      {Subject::notarize(block(1, 0, 1)), Subject::notarize(block(1, 0, 2))},
      {Subject::notarize(block(1, 0, 1)), Subject::finalize(block(1, 0, 2))},
  };
  for (const auto& [first, second] : pairs) {
    Solo solo;
    solo.work(true);
    solo.foreign_certificate(first);
    EXPECT_FALSE(solo.last.contradiction);
    const auto certificate = unsigned_certificate(solo.validators, second, {{1, 2, 3}});
    solo.take(solo.engine.on_certificate(certificate, solo.now));
    ASSERT_TRUE(solo.last.contradiction);
    EXPECT_EQ(solo.last.contradiction->first.subject, first);
    EXPECT_EQ(solo.last.contradiction->second.subject, second);
    EXPECT_FALSE(solo.engine.deadline());
    EXPECT_TRUE(solo.vote(Subject::nullify(View{2}), {1, 2, 3}).empty());
  }
}

TEST(Amnesia, AVoteThatTheJournalLacksSilencesUs) {
  Solo solo;
  solo.work(true);
  solo.vote(Subject::nullify(View{3}), {0});  // ours, from a journal that is lost
  EXPECT_EQ(solo.last.persist,
            std::vector<SafetyRecord>{UnknownOwnVote{Subject::nullify(View{3})}});
  solo.vote(Subject::notarize(block(1, 0)), {1});
  solo.take(solo.engine.on_verified(block(1, 0), true, solo.now));
  solo.wait(base::seconds(2));
  solo.foreign_certificate(Subject::nullify(View{4}));
  solo.wait(base::seconds(2));
  EXPECT_TRUE(solo.all.sign.empty()) << "nobody knows up to where we promised";
  EXPECT_GT(solo.engine.deadline().value_or(solo.now + base::seconds(1)), solo.now);
  EXPECT_TRUE(solo.engine.is_muted());
}

TEST(Amnesia, IsSeenInCertificatesToo) {
  Solo solo;
  solo.certificate(Subject::nullify(View{7}));  // signers 0, 1 and 2
  solo.certificate(Subject::nullify(View{8}));
  const UnknownOwnVote first{Subject::nullify(View{7})};
  EXPECT_EQ(std::count(solo.all.persist.begin(), solo.all.persist.end(), SafetyRecord{first}), 1);
  EXPECT_EQ(*unknown_own_vote(solo.all.persist), first) << "told once";
  EXPECT_EQ(*unknown_own_vote(solo.engine.journal()), first) << "and kept";
}

// The copy that came first names others.
TEST(Amnesia, IsNoticedInAnotherCopyOfAHeldCertificate) {
  Solo solo;
  solo.work(true);
  solo.foreign_certificate(Subject::nullify(View{7}));
  EXPECT_EQ(unknown_own_vote(solo.all.persist), nullptr);
  solo.certificate(Subject::nullify(View{7}));  // signers 0, 1 and 2
  EXPECT_NE(unknown_own_vote(solo.all.persist), nullptr);
}

// A vote of which no record is left, met before the last restart: final long since.
TEST(Amnesia, MutesAfterARestartToo) {
  const std::vector<SafetyRecord> journal{UnknownOwnVote{Subject::nullify(View{3})},
                                          OwnVote{Subject::nullify(View{11})}};
  ValidatorSet validators = make_validators(4);
  Solo solo({}, journal,
            unsigned_certificate(validators, Subject::finalize(block(9, 0)), {{1, 2, 3}}));
  solo.work(true);
  solo.vote(Subject::notarize(block(11, 9)), {2});
  solo.take(solo.engine.on_peer_connected({1}, solo.now));
  solo.foreign_certificate(Subject::nullify(View{11}));
  solo.wait(base::seconds(10));
  EXPECT_TRUE(solo.all.sign.empty());
  EXPECT_NE(unknown_own_vote(solo.engine.journal()), nullptr);
}

// --- Muted (rule C8) ---

Solo muted_solo(const std::vector<SafetyRecord>& journal = {}) {
  return Solo({.voting = Voting::kMuted}, journal);
}

TEST(Muted, FollowsAndAnswersAndSaysNothing) {
  const std::vector<SafetyRecord> journal{OwnVote{Subject::notarize(block(1, 0))}};
  auto solo = muted_solo(journal);
  solo.work(true);
  solo.take(solo.engine.on_peer_connected({1}, solo.now));
  solo.foreign_certificate(Subject::notarize(block(1, 0)));
  solo.take(solo.engine.on_certified(block(1, 0), true, solo.now));
  EXPECT_EQ(solo.engine.view(), View{2});
  solo.vote(Subject::notarize(block(2, 1)), {2});
  solo.foreign_certificate(Subject::nullify(View{4}));
  EXPECT_EQ(solo.engine.view(), View{5});
  for (int i = 0; i < 20; ++i) solo.wait(base::seconds(1));
  EXPECT_TRUE(solo.all.sign.empty());
  EXPECT_FALSE(solo.all.send.empty()) << "it asks for view 3";
  solo.take(solo.engine.on_repair_request({1}, {View{1}}, solo.now));
  EXPECT_EQ(solo.last.send.size(), 1U) << "it answers";
}

TEST(Muted, OnceOpenVotesForWhatIsOnTheTable) {
  auto solo = muted_solo();
  solo.work(true);
  solo.vote(Subject::notarize(block(1, 0)), {1});
  EXPECT_TRUE(solo.all.app.empty());
  solo.take(solo.engine.open_voting(View{0}, solo.now));
  ASSERT_EQ(solo.last.app.size(), 1U);
  EXPECT_TRUE(solo.last.persist.empty()) << "the journal was whole";
  solo.take(solo.engine.on_verified(block(1, 0), true, solo.now));
  EXPECT_EQ(solo.last.sign, Subjects{Subject::notarize(block(1, 0))});
}

TEST(Muted, OnceOpenRepeatsItsVoteAndGivesUpInTime) {
  const std::vector<SafetyRecord> journal{OwnVote{Subject::notarize(block(1, 0))}};
  auto solo = muted_solo(journal);
  solo.work(true);
  solo.wait(base::seconds(30));
  solo.take(solo.engine.open_voting(View{0}, solo.now));
  EXPECT_EQ(solo.last.sign, Subjects{Subject::notarize(block(1, 0))});
  EXPECT_TRUE(solo.take(solo.engine.open_voting(View{0}, solo.now)).sign.empty()) << "once";
  solo.wait(base::milliseconds(800));
  EXPECT_EQ(solo.last.sign, Subjects{Subject::nullify(View{1})});
}

TEST(Rejoin, IsRecordedBeforeTheFirstVoteAndClosesWhatIsBelow) {
  for (const SafetyRecord& lost :
       {SafetyRecord{HistoryLost{}}, SafetyRecord{UnknownOwnVote{Subject::nullify(View{2})}}}) {
    Solo solo({}, {lost});
    solo.work(true);
    EXPECT_TRUE(solo.engine.is_muted()) << "whatever the owner says";
    EXPECT_TRUE(is_incomplete(solo.engine.journal()));
    solo.foreign_certificate(Subject::nullify(View{7}));
    solo.take(solo.engine.open_voting(View{9}, solo.now));
    ASSERT_FALSE(solo.last.persist.empty());
    EXPECT_EQ(solo.last.persist.front(), SafetyRecord{Rejoined{View{9}}});
    solo.wait(base::seconds(3));
    EXPECT_TRUE(solo.all.sign.empty()) << "view 8 is closed";
    solo.foreign_certificate(Subject::nullify(View{9}));
    solo.wait(base::seconds(3));
    EXPECT_EQ(solo.last.sign, Subjects{Subject::nullify(View{10})});
    EXPECT_FALSE(is_incomplete(solo.engine.journal()));
  }
}

TEST(Rejoin, OutlivesRestartsAndCompaction) {
  const std::vector<SafetyRecord> journal{HistoryLost{}, Rejoined{View{9}}};
  Solo solo({}, journal);
  EXPECT_FALSE(solo.engine.is_muted());
  EXPECT_EQ(solo.engine.journal(), std::vector<SafetyRecord>{Rejoined{View{9}}});
  solo.foreign_certificate(Subject::nullify(View{8}));
  solo.wait(base::seconds(3));
  EXPECT_TRUE(solo.all.sign.empty());
}

TEST(Rejoin, IsUndoneByAnotherUnknownVote) {
  const UnknownOwnVote unknown{Subject::nullify(View{12})};
  Solo solo({}, {HistoryLost{}, Rejoined{View{9}}, unknown});
  EXPECT_TRUE(solo.engine.is_muted());
  EXPECT_EQ(solo.engine.journal(), (std::vector<SafetyRecord>{Rejoined{View{9}}, unknown}));
}

TEST(Standing, IsWhatProvesTheView) {
  Solo solo;
  EXPECT_TRUE(solo.engine.standing().empty());
  solo.foreign_certificate(Subject::nullify(View{3}));
  ASSERT_EQ(solo.engine.standing().size(), 1U);
  EXPECT_EQ(solo.engine.standing()[0].subject, Subject::nullify(View{3}));
  solo.foreign_certificate(Subject::finalize(block(2, 1)));
  EXPECT_EQ(solo.engine.standing().size(), 2U);
  solo.foreign_certificate(Subject::finalize(block(5, 2)));
  ASSERT_EQ(solo.engine.standing().size(), 1U);
  EXPECT_EQ(solo.engine.standing()[0].subject, Subject::finalize(block(5, 2)));
}

TEST(Standing, NamesTheNewestVotesWithinCertificates) {
  Solo solo;
  solo.foreign_certificate(Subject::nullify(View{3}));
  solo.foreign_certificate(Subject::nullify(View{5}));
  solo.foreign_certificate(Subject::notarize(block(4, 2)));
  const auto votes = solo.engine.certified_votes({2});
  ASSERT_EQ(votes.size(), 2U);
  EXPECT_EQ(votes[0].subject, Subject::notarize(block(4, 2)));
  EXPECT_EQ(votes[1].subject, Subject::nullify(View{5}));
  EXPECT_EQ(votes[1].signer, ValidatorIndex{2});
  EXPECT_TRUE(solo.engine.certified_votes({0}).empty());
}

// --- Observer ---

TEST(Observer, FollowsWithoutAVoice) {
  Solo solo({.self = std::nullopt});
  solo.work(true);
  const auto b = block(1, 0);
  solo.vote(Subject::notarize(b), {1, 2, 3});
  solo.take(solo.engine.on_certified(b, true, solo.now));
  EXPECT_EQ(solo.engine.view(), View{2});
  solo.vote(Subject::finalize(b), {1, 2, 3});
  EXPECT_EQ(solo.last.commit.size(), 1U);
  solo.foreign_certificate(Subject::finalize(block(9, 1)));
  EXPECT_EQ(solo.engine.finalized(), View{9});
  solo.vote(Subject::notarize(block(10, 9)), {2});
  solo.wait(base::seconds(100));
  EXPECT_FALSE(solo.engine.deadline());
  EXPECT_TRUE(solo.all.sign.empty());
  EXPECT_TRUE(solo.all.send.empty());
  solo.take(solo.engine.on_repair_request({1}, {View{3}}, solo.now));
  EXPECT_EQ(sent_certificates(solo.last).size(), 1U) << "but it answers";
}

// --- Restart ---

TEST(Restart, SaysNothingNewAboutWhatItPromised) {
  Solo before;
  const auto b = block(1, 0);
  before.vote(Subject::notarize(b), {1});
  before.take(before.engine.on_verified(b, true, before.now));
  before.wait(base::milliseconds(800));
  EXPECT_EQ(before.all.sign, (Subjects{Subject::notarize(b), Subject::nullify(View{1})}));

  Solo after({}, before.all.persist);
  EXPECT_TRUE(after.last.sign.empty()) << "restored, not gossiped again";
  after.vote(Subject::notarize(block(1, 0, 2)), {1});
  after.fire();
  EXPECT_EQ(after.all.sign, Subjects{Subject::nullify(View{1})}) << "the retry";
}

// The crash came between the journal and the network; the vote would now follow a nullify.
TEST(Restart, DoesNotSendANotarizeThatItGaveUp) {
  const auto b = block(1, 0);
  Solo after({}, {OwnVote{Subject::notarize(b)}});
  for (int i = 0; i < 5; ++i) after.fire();
  ASSERT_FALSE(after.all.sign.empty());
  for (const auto& subject : after.all.sign) EXPECT_EQ(subject, Subject::nullify(View{1}));
}

TEST(Restart, FromACompactedJournalIsTheSameEngine) {
  Solo before;
  const auto f = block(4, 0);
  const auto c = block(6, 4);
  before.foreign_certificate(Subject::finalize(f));
  before.work(true);
  before.wait(base::milliseconds(400));  // nullify(5)
  before.foreign_certificate(Subject::nullify(View{5}));
  before.vote(Subject::notarize(c), {2});
  before.take(before.engine.on_verified(c, true, before.now));
  before.certify(c);  // finalize(6)
  before.foreign_certificate(Subject::notarize(block(7, 6)));
  ASSERT_EQ(before.all.sign.size(), 3U);

  Solo after({}, before.engine.journal(), before.engine.finalization());
  EXPECT_EQ(after.engine.view(), before.engine.view());
  EXPECT_EQ(after.engine.finalized(), View{4});
  EXPECT_EQ(after.engine.journal(), before.engine.journal());
  EXPECT_TRUE(after.last.commit.empty()) << "the application has it";
  ASSERT_EQ(requests<CertifyRequest>(after.last).size(), 1U) << "the verdict that is missing";
  EXPECT_EQ(requests<CertifyRequest>(after.last)[0].proposal, block(7, 6));
  Solo full({}, before.all.persist, before.engine.finalization());
  EXPECT_EQ(full.engine.journal(), before.engine.journal()) << "as from the full journal";
}

TEST(Restart, StaysInTheViewInWhichItVoted) {
  const std::vector<SafetyRecord> journal{OwnVote{Subject::nullify(View{7})}};
  EXPECT_EQ(Solo({}, journal).engine.view(), View{7});
}

TEST(Restart, CommitsAgainWhatTheApplicationHadNotStored) {
  Solo before;
  before.foreign_certificate(Subject::finalize(block(4, 0)));
  Solo after({}, before.all.persist);
  ASSERT_EQ(after.last.commit.size(), 1U);
  EXPECT_EQ(after.last.commit[0].finalization.subject.view(), View{4});
}

TEST(Config, ExplainsWhatItRefuses) {
  EXPECT_FALSE(Config{}.invalid_reason());
  const auto refused = [](auto change) {
    Config config;
    change(config);
    return config.invalid_reason().has_value();
  };
  EXPECT_TRUE(refused([](Config& c) { c.leader_timeout = base::Duration{}; }));
  EXPECT_TRUE(refused([](Config& c) { c.certification_timeout = c.leader_timeout; }));
  EXPECT_TRUE(refused([](Config& c) { c.skip_timeout = c.certification_timeout; }));
  EXPECT_TRUE(refused([](Config& c) { c.retry_interval = base::Duration{}; }));
  EXPECT_TRUE(refused([](Config& c) { c.retry_interval = c.skip_timeout; }));
  EXPECT_TRUE(refused([](Config& c) { c.timeout_max = base::milliseconds(799); }));
  EXPECT_TRUE(refused([](Config& c) { c.timeout_max = base::seconds(3601); }));
  EXPECT_TRUE(refused([](Config& c) { c.block_interval_min = base::milliseconds(-1); }));
  EXPECT_TRUE(refused([](Config& c) { c.block_interval_min = c.leader_timeout; }));
  EXPECT_FALSE(refused([](Config& c) { c.block_interval_min = base::Duration{}; }));
}

}  // namespace
}  // namespace peerpay::consensus::test
