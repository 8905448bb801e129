// Faults that stopped or forked a real network once. Each names the thread that told of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "consensus/safety.h"
#include "tests/unit/consensus/cluster.h"
#include "tests/unit/consensus/solo.h"

namespace peerpay::consensus::test {
namespace {

using base::milliseconds;
using base::seconds;

// Until every node has given view 1 up, with no vote of it delivered.
void nullify_without_a_certificate(Cluster& cluster) {
  cluster.drop_if = [](auto, auto, const Subject&) { return true; };
  cluster.submit();
  ASSERT_TRUE(cluster.run_until(
      [&] {
        for (std::uint32_t node = 0; node < cluster.size(); ++node) {
          const auto& votes = cluster.signed_by(node);
          const bool gave_up =
              std::find(votes.begin(), votes.end(), Subject::nullify(View{1})) != votes.end();
          if (cluster.is_up(node) && !gave_up) return false;
        }
        return true;
      },
      seconds(2)));
}

// commonwarexyz/monorepo#4275: a quorum journals nullify and crashes before any certificate. The
// tallies are empty after the restart; only repeated own votes can fill them.
TEST(Regression, Monorepo4275QuorumCrashesAfterJournalingNullify) {
  Cluster cluster({.validators = 4, .seed = 1});
  cluster.crash(3);  // exactly a quorum is left
  nullify_without_a_certificate(cluster);
  for (std::uint32_t node = 0; node < 3; ++node) cluster.crash(node);
  cluster.drop_if = nullptr;
  for (std::uint32_t node = 0; node < 3; ++node) cluster.restart(node);
  EXPECT_TRUE(cluster.run_until_final(1, seconds(30)));
}

// commonwarexyz/monorepo#2192: after a split one half holds the notarization of F+1 and the other
// its nullification, and mirrored at F+2.
TEST(Regression, Monorepo2192SplitCertificatesHeal) {
  const auto validators = make_validators(4);
  const auto b1 = block(1, 0);
  const auto b2 = block(2, 0);
  Solo left({.self = 0});
  Solo right({.self = 3});
  left.certify(b1);
  right.foreign_certificate(Subject::nullify(View{1}));
  right.vote(Subject::notarize(b2), {2});
  right.take(right.engine.on_verified(b2, true, right.now));
  right.take(right.engine.on_certificate(
      unsigned_certificate(validators, Subject::notarize(b2), {{1, 2, 3}}), right.now));
  right.take(right.engine.on_certified(b2, true, right.now));
  left.foreign_certificate(Subject::nullify(View{2}));
  left.work(true);
  right.work(true);
  ASSERT_EQ(left.engine.view(), View{3});
  ASSERT_EQ(right.engine.view(), View{3});
  // Validator 3 leads view 3 and builds on block 2; validator 0 built on block 1 and asks it.
  ASSERT_EQ(requests<ProposeRequest>(right.last).size(), 0U) << "held for the block interval";
  right.fire();
  ASSERT_EQ(requests<ProposeRequest>(right.last).at(0).parent, b2);
  right.take(right.engine.on_proposed(View{3}, make_digest(33), right.now));
  const Subject proposal = right.last.sign.at(0);
  left.vote(proposal, {3});
  EXPECT_TRUE(requests<VerifyRequest>(left.last).empty());
  const auto wanted = asked(left.last);
  ASSERT_FALSE(wanted.empty());
  for (const auto& want : wanted) {
    EXPECT_EQ(want.peer, 3U);
    right.take(right.engine.on_repair_request({0}, {View{want.view}}, right.now));
    for (const auto& message : right.last.send) {
      left.take(left.engine.on_certificate(std::get<Certificate>(message.message), left.now));
    }
  }
  left.take(left.engine.on_certified(b2, true, left.now));
  ASSERT_EQ(requests<VerifyRequest>(left.last).size(), 1U);
  EXPECT_EQ(requests<VerifyRequest>(left.last)[0].parent, b2);
  left.take(left.engine.on_verified(proposal.proposal, true, left.now));
  EXPECT_EQ(left.last.sign, std::vector<Subject>{proposal});
}

TEST(Regression, Monorepo2192PartitionInHalvesResumes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Cluster cluster({.validators = 4, .seed = seed});
    for (std::uint64_t payment = 1; payment <= 5; ++payment) {
      cluster.submit();
      cluster.run_for(milliseconds(static_cast<std::int64_t>(seed)));
      cluster.partition({{0, 1}, {2, 3}});
      cluster.run_for(seconds(3));
      cluster.heal();
    }
    EXPECT_TRUE(cluster.run_until_final(5, seconds(60))) << seed;
  }
}

// commonwarexyz/monorepo#2695: the notarization arrives after our own nullify.
TEST(Regression, Monorepo2695LateNotarizationIsStillCertified) {
  Solo solo;
  const auto b = block(1, 0);
  solo.work(true);
  solo.wait(milliseconds(400));
  ASSERT_EQ(solo.last.sign, std::vector<Subject>{Subject::nullify(View{1})});
  solo.foreign_certificate(Subject::notarize(b));
  ASSERT_EQ(requests<CertifyRequest>(solo.last).size(), 1U);
  solo.take(solo.engine.on_certified(b, true, solo.now));
  EXPECT_EQ(solo.engine.view(), View{2}) << "moves on";
  EXPECT_TRUE(solo.last.sign.empty()) << "but never finalizes what it nullified";
}

// The same, when the nullification came first: it does not cancel the certification.
TEST(Regression, Monorepo2695NullificationDoesNotCancelCertify) {
  Solo solo;
  const auto b = block(1, 0);
  solo.foreign_certificate(Subject::notarize(b));
  solo.foreign_certificate(Subject::nullify(View{1}));
  EXPECT_EQ(solo.engine.view(), View{2});
  solo.take(solo.engine.on_certified(b, true, solo.now));
  EXPECT_EQ(solo.last.sign, std::vector<Subject>{Subject::finalize(b)});
  solo.vote(Subject::notarize(block(2, 1)), {2});
  ASSERT_EQ(requests<VerifyRequest>(solo.last).size(), 1U);
  EXPECT_EQ(requests<VerifyRequest>(solo.last)[0].parent, b);
}

// commonwarexyz/monorepo#2050: a restart sent old or conflicting votes.
TEST(Regression, Monorepo2050RestartSendsNothingOldOrConflicting) {
  Solo before;
  for (std::uint64_t view = 1; view <= 20; ++view) {
    const auto b = block(view, view - 1);
    before.vote(Subject::notarize(b), {static_cast<std::uint32_t>(view % 4)});
    before.take(before.engine.on_verified(b, true, before.now));
    before.certify(b);
    if (view == 10) before.vote(Subject::finalize(b), {1, 2, 3});
  }
  // However much of the journal survived, the restarted validator contradicts none of it.
  const auto& journal = before.all.persist;
  for (std::size_t kept = 0; kept <= journal.size(); ++kept) {
    const std::vector<SafetyRecord> rest{journal.begin(),
                                         journal.begin() + static_cast<std::ptrdiff_t>(kept)};
    Solo after({}, rest);
    EXPECT_TRUE(after.last.sign.empty()) << "nothing old at the start";
    const auto b = block(after.engine.view().value, after.engine.view().value - 1, 99);
    after.vote(Subject::notarize(b), {after.engine.leader().value});
    after.take(after.engine.on_verified(b, true, after.now));
    after.wait(seconds(5));
    for (const auto& record : rest) {
      const auto* promise = std::get_if<OwnVote>(&record);
      for (const auto& subject : after.all.sign) {
        if (promise == nullptr || subject.view() != promise->subject.view()) continue;
        EXPECT_FALSE(exclude_each_other(promise->subject, subject)) << kept;
      }
    }
  }
}

// commonwarexyz/monorepo#3727: the application's durable state is ahead of the journal.
TEST(Regression, Monorepo3727FloorAheadOfTheJournal) {
  Solo before;
  before.certify(block(1, 0));
  const auto floor = unsigned_certificate(before.validators, Subject::finalize(block(50, 0)));
  Solo after({}, before.all.persist, floor);
  EXPECT_EQ(after.engine.finalized(), View{50});
  EXPECT_EQ(after.engine.view(), View{51});
  EXPECT_TRUE(after.last.commit.empty()) << "the application told us";
  EXPECT_EQ(after.last.persist, std::vector<SafetyRecord>{HeldCertificate{floor}});
  // And from then on the journal alone does not fall behind it.
  auto records = before.all.persist;
  records.insert(records.end(), after.last.persist.begin(), after.last.persist.end());
  Solo again({}, records);
  EXPECT_EQ(again.engine.finalized(), View{50});
}

// ava-labs/Simplex#328: resume from the right record, not from the one that was appended last. A
// certificate of an old view may be written after a newer one.
TEST(Regression, AvaSimplex328ResumesFromTheHighestViewNotTheLastRecord) {
  Solo before;
  before.foreign_certificate(Subject::nullify(View{9}));
  before.foreign_certificate(Subject::finalize(block(5, 0)));
  before.foreign_certificate(Subject::nullify(View{7}));
  Solo after({}, before.all.persist);
  EXPECT_EQ(after.engine.view(), View{10});
  EXPECT_EQ(after.engine.finalized(), View{5});
}

// ava-labs/Simplex#328 and #486: a nullify that was resumed needs a timer, and so does the next
// one.
TEST(Regression, AvaSimplex486ResumedNullifyAndTheNextOneHaveTimers) {
  Solo before;
  before.work(true);
  before.wait(milliseconds(400));
  Solo after({}, before.all.persist);
  EXPECT_EQ(after.until_deadline(), milliseconds(1000)) << "although idle: somebody had work";
  EXPECT_EQ(after.fire().sign, std::vector<Subject>{Subject::nullify(View{1})});
  EXPECT_TRUE(after.engine.deadline());
  after.work(true);
  after.foreign_certificate(Subject::nullify(View{1}));
  after.fire();
  EXPECT_EQ(after.last.sign, std::vector<Subject>{Subject::nullify(View{2})});
  EXPECT_EQ(after.until_deadline(), milliseconds(1000));
}

// commonwarexyz/monorepo#3122: a certification that is never answered.
TEST(Regression, Monorepo3122CertifyThatIsNeverAnsweredStallsNobody) {
  Cluster one({.validators = 4, .seed = 2});
  one.forget_certify = [](std::uint32_t node, const Proposal&) { return node == 2; };
  Cluster all({.validators = 4, .seed = 2});
  all.forget_certify = [](std::uint32_t, const Proposal& p) { return p.view <= View{2}; };
  for (std::uint64_t payment = 1; payment <= 10; ++payment) {
    one.submit();
    ASSERT_TRUE(one.run_until_final(payment, seconds(20))) << payment;
    all.submit();
    ASSERT_TRUE(all.run_until_final(payment, seconds(20))) << payment;
  }
}

// Nunchi-trade/daeji#278: after a restart every repair was refused until the data was wiped.
TEST(Regression, Daeji278RestartedNodeCatchesUp) {
  Cluster cluster({.validators = 4, .seed = 3});
  cluster.submit();
  ASSERT_TRUE(cluster.run_until_final(1, seconds(1)));
  cluster.crash(0);
  for (std::uint64_t payment = 2; payment <= 30; ++payment) {
    cluster.submit();
    ASSERT_TRUE(cluster.run_until_final(payment, seconds(20))) << payment;
  }
  cluster.restart(0);
  EXPECT_TRUE(cluster.run_until_final(30, seconds(1))) << "by the newest finalization";
  cluster.crash(1);  // now its vote is needed
  cluster.submit();
  EXPECT_TRUE(cluster.run_until_final(31, seconds(20)));
}

// commonwarexyz/monorepo simplex/mocks/{twins,equivocator,conflicter}.rs: one key that acts twice.
// The adversary votes for both of its blocks and shows votes and certificates to whom it likes.
TEST(Regression, TwinsOfOneKeyDoNotForkTheRest) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Cluster cluster({.validators = 4, .seed = seed, .adversary = 1});
    for (std::uint64_t payment = 1; payment <= 8; ++payment) {
      cluster.submit();
      cluster.partition(seed % 2 == 0 ? std::vector<std::set<std::uint32_t>>{{0, 1}, {2, 3}}
                                      : std::vector<std::set<std::uint32_t>>{{1, 2}, {0, 3}});
      cluster.run_for(milliseconds(500));
      cluster.heal();
      ASSERT_TRUE(cluster.run_until_final(payment, seconds(60))) << "seed " << seed;
    }
    EXPECT_EQ(cluster.violation(), "") << "seed " << seed;
    for (const auto& evidence : cluster.evidence()) {
      EXPECT_EQ(evidence.first.signer.value, 1U) << "no honest validator is blamed";
    }
  }
}

// XRP Ledger, February 2025 (XRPLF/rippled#5277): everybody waited for everybody else. Repeated
// votes and certificates end it, however much was lost.
TEST(Regression, SilentNetworkResumesAfterTotalLoss) {
  Cluster cluster({.validators = 7, .seed = 4});
  nullify_without_a_certificate(cluster);
  cluster.run_for(seconds(120));
  cluster.drop_if = nullptr;
  EXPECT_TRUE(cluster.run_until_final(1, seconds(30)));
}

}  // namespace
}  // namespace peerpay::consensus::test
