// Time: time-outs and their growth, silent leaders, retries, and the idle network.
#include <gtest/gtest.h>

#include "consensus/activity.h"
#include "consensus/limits.h"
#include "tests/unit/consensus/solo.h"

namespace peerpay::consensus::test {
namespace {

using base::milliseconds;
using base::seconds;
using Subjects = std::vector<Subject>;

TEST(Pace, GivesTheLeaderItsTime) {
  Solo solo;
  solo.work(true);
  EXPECT_EQ(solo.until_deadline(), milliseconds(400));
  EXPECT_TRUE(solo.wait(milliseconds(399)).empty()) << "early does nothing";
  EXPECT_EQ(solo.wait(milliseconds(1)).sign, Subjects{Subject::nullify(View{1})});
}

TEST(Pace, GivesAProposalTheTimeToBeCertified) {
  Solo solo;
  solo.work(true);
  solo.wait(milliseconds(399));
  solo.vote(Subject::notarize(block(1, 0)), {1});
  EXPECT_EQ(solo.until_deadline(), milliseconds(401));
  EXPECT_EQ(solo.fire().sign, Subjects{Subject::nullify(View{1})});
}

TEST(Pace, RetriesUntilTheViewEnds) {
  Solo solo;
  solo.foreign_certificate(Subject::finalize(block(4, 0)));
  solo.work(true);
  solo.wait(milliseconds(400));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(solo.until_deadline(), milliseconds(1000));
    solo.fire();
    EXPECT_EQ(solo.last.sign, Subjects{Subject::nullify(View{5})});
    EXPECT_TRUE(solo.last.persist.empty()) << "a repeated vote is in the journal already";
    EXPECT_EQ(sent_certificates(solo.last),
              (std::vector<SentTo>{{{}, Subject::finalize(block(4, 0))}}));
  }
  solo.foreign_certificate(Subject::nullify(View{5}));
  EXPECT_EQ(solo.engine.view(), View{6});
  EXPECT_TRUE(solo.last.sign.empty());
}

TEST(Pace, GrowsByHalfUpToTheCapAndFallsBackWithAFinalization) {
  Config config;
  config.retry_interval = seconds(4);  // the standstill comes after the longest time-out
  Solo solo({.config = config});
  solo.work(true);
  std::int64_t expected = 400'000;
  for (std::uint64_t view = 1; view <= 14; ++view) {
    EXPECT_EQ(solo.until_deadline()->microseconds, expected) << view;
    solo.foreign_certificate(Subject::nullify(View{view}));
    expected = std::min<std::int64_t>(expected * 3 / 2, 30'000'000);
  }
  solo.wait(seconds(0));
  solo.foreign_certificate(Subject::finalize(block(15, 0)));
  solo.foreign_certificate(Subject::nullify(View{16}));
  solo.foreign_certificate(Subject::finalize(block(17, 0)));
  EXPECT_EQ(solo.until_deadline(), milliseconds(400));
}

TEST(Pace, GivesUpWithTheLeader) {
  Solo solo;
  solo.work(true);
  EXPECT_TRUE(solo.vote(Subject::nullify(View{1}), {2}).sign.empty());
  EXPECT_EQ(solo.vote(Subject::nullify(View{1}), {1}).sign, Subjects{Subject::nullify(View{1})});
  // Known before the view began.
  solo.vote(Subject::nullify(View{2}), {2});
  EXPECT_EQ(solo.foreign_certificate(Subject::nullify(View{1})).sign,
            Subjects{Subject::nullify(View{2})});
}

TEST(Pace, GivesUpWithMoreThanTheByzantineCould) {
  Solo solo({.validators = 7});
  solo.work(true);
  EXPECT_TRUE(solo.vote(Subject::nullify(View{1}), {3, 5}).sign.empty()) << "f may be lying";
  EXPECT_EQ(solo.vote(Subject::nullify(View{1}), {6}).sign, Subjects{Subject::nullify(View{1})});
}

TEST(Pace, DoesNotSpinThroughViewsThatAllGiveUp) {
  Solo solo;
  solo.work(true);
  for (std::uint32_t view = 1; view <= 3; ++view) {
    solo.vote(Subject::nullify(View{view}), {view});  // the leader
    EXPECT_EQ(solo.last.sign.size(), 1U) << view;
    solo.foreign_certificate(Subject::nullify(View{view}));
  }
  solo.foreign_certificate(Subject::nullify(View{4}));
  EXPECT_TRUE(solo.vote(Subject::nullify(View{5}), {1}).sign.empty()) << "a whole rotation failed";
  EXPECT_EQ(solo.wait(milliseconds(2025)).sign, Subjects{Subject::nullify(View{5})});
}

// An active network in which validator 1 says nothing.
void pass_time_without_1(Solo& solo, base::Duration duration) {
  const auto end = solo.now + duration;
  for (std::uint64_t view = 2; solo.now < end; view += 4) {
    solo.foreign_certificate(Subject::finalize(block(view - 1, 0)));
    solo.vote(Subject::nullify(View{view}), {2, 3});
    ASSERT_EQ(solo.last.sign, Subjects{Subject::nullify(View{view})});
    solo.vote(Subject::nullify(View{view}), {0});
    solo.now = solo.now + milliseconds(100);
  }
}

TEST(Pace, SkipsALeaderThatIsSilentWhileAQuorumIsNot) {
  for (const auto& [busy, is_skipped] : {std::pair{seconds(4), false}, {seconds(6), true}}) {
    Solo solo;
    solo.work(true);
    pass_time_without_1(solo, busy);
    const View next{(solo.engine.view().value / 4 + 1) * 4 + 1};
    solo.foreign_certificate(Subject::finalize(block(next.value - 1, 0)));
    ASSERT_EQ(solo.engine.leader().value, 1U);
    EXPECT_EQ(solo.last.sign, is_skipped ? Subjects{Subject::nullify(next)} : Subjects{});
  }
}

TEST(Pace, SkipsNobodyWhenFewerThanAQuorumAreHeard) {
  Solo solo;
  solo.work(true);
  solo.now = solo.now + seconds(20);
  solo.vote(Subject::nullify(View{1}), {0, 2});
  solo.work(true);
  EXPECT_TRUE(solo.all.sign.empty()) << "the silence may be ours";
}

TEST(Activity, CountsSilenceInBusyTimeOnly) {
  base::TimePoint now{5'000'000};
  Activity activity{3};
  const ValidatorIndex a{0};
  EXPECT_FALSE(activity.is_silent(a, seconds(5), now + seconds(100))) << "idle all the time";
  activity.set_busy(true, now);
  now = now + seconds(3);
  activity.heard({1}, now);
  activity.set_busy(false, now);
  now = now + seconds(1000);
  EXPECT_FALSE(activity.is_silent(a, seconds(5), now));
  activity.set_busy(true, now);
  now = now + seconds(2);
  EXPECT_TRUE(activity.is_silent(a, seconds(5), now)) << "3 + 2 busy seconds";
  EXPECT_FALSE(activity.is_silent({1}, seconds(5), now));
  EXPECT_EQ(activity.active_count(seconds(5), now), 1U);
}

// --- Idle ---

TEST(Idle, RunsNoTimer) {
  Solo solo;
  EXPECT_FALSE(solo.engine.deadline());
  solo.work(true);
  EXPECT_TRUE(solo.engine.deadline());
  solo.work(false);
  EXPECT_FALSE(solo.engine.deadline());
  solo.foreign_certificate(Subject::finalize(block(7, 0)));
  EXPECT_FALSE(solo.engine.deadline());
  EXPECT_TRUE(solo.all.sign.empty());
}

TEST(Idle, EndsWhenSomebodyElseHasWork) {
  Solo by_proposal;
  by_proposal.vote(Subject::notarize(block(1, 0)), {1});
  EXPECT_EQ(by_proposal.until_deadline(), milliseconds(800));
  Solo by_vote;
  by_vote.vote(Subject::nullify(View{1}), {3});
  EXPECT_EQ(by_vote.until_deadline(), milliseconds(400));
  Solo by_next_view;
  by_next_view.vote(Subject::nullify(View{2}), {3});
  EXPECT_EQ(by_next_view.until_deadline(), milliseconds(400));
}

TEST(Idle, MeasuresTheLeaderFromTheMomentWorkCame) {
  Solo solo;
  solo.now = solo.now + seconds(1000);
  solo.work(true);
  EXPECT_EQ(solo.until_deadline(), milliseconds(400));
}

TEST(Idle, ALeaderWithoutWorkProposesNothing) {
  Solo solo({.self = 1});
  solo.vote(Subject::nullify(View{1}), {2});
  EXPECT_TRUE(requests<ProposeRequest>(solo.all).empty());
  solo.work(true);
  EXPECT_EQ(requests<ProposeRequest>(solo.all).size(), 1U);
}

// The last payment is in a certified block whose finalization got lost.
TEST(Grace, RebroadcastsThenActsAsIfThereWereWork) {
  Solo solo({.self = 2});
  const auto b = block(1, 0);
  solo.foreign_certificate(Subject::notarize(b));
  solo.take(solo.engine.on_certified(b, true, solo.now));
  EXPECT_EQ(solo.until_deadline(), milliseconds(1000));
  solo.fire();
  EXPECT_EQ(solo.last.sign, Subjects{Subject::finalize(b)});
  EXPECT_EQ(sent_certificates(solo.last), (std::vector<SentTo>{{{}, Subject::notarize(b)}}));
  EXPECT_TRUE(solo.last.app.empty());
  EXPECT_EQ(solo.until_deadline(), milliseconds(1000));
  solo.fire();
  ASSERT_EQ(requests<ProposeRequest>(solo.last).size(), 1U) << "leader of view 2";
  EXPECT_EQ(requests<ProposeRequest>(solo.last)[0].parent, b);
}

TEST(Grace, EndsWithTheFinalization) {
  Solo solo;
  const auto b = block(1, 0);
  solo.certify(b);
  solo.wait(milliseconds(999));
  solo.vote(Subject::finalize(b), {1, 2, 3});
  EXPECT_FALSE(solo.engine.deadline());
}

TEST(Grace, OutlastsANullifiedView) {
  Solo solo;
  solo.certify(block(1, 0));
  solo.fire();
  solo.fire();
  EXPECT_EQ(solo.until_deadline(), milliseconds(400)) << "waits for the leader of view 2";
  solo.foreign_certificate(Subject::nullify(View{2}));
  EXPECT_EQ(solo.until_deadline(), milliseconds(600)) << "and at once for the next one";
}

TEST(Standstill, RebroadcastsAfterTenRetries) {
  Solo solo;
  solo.certify(block(1, 0));
  solo.work(true);
  const auto start = solo.now;
  while (solo.engine.stats().standstills == 0) solo.fire();
  EXPECT_EQ(solo.now - start, seconds(10));
  EXPECT_NE(std::find(solo.last.sign.begin(), solo.last.sign.end(), Subject::finalize(block(1, 0))),
            solo.last.sign.end());
}

}  // namespace
}  // namespace peerpay::consensus::test
