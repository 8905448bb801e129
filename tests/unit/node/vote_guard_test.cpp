#include "node/core/vote_guard.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "node/core/limits.h"
#include "tests/unit/node/harness.h"

namespace peerpay::node::testing {
namespace {

using consensus::HistoryLost;
using consensus::OwnVote;
using consensus::SafetyRecord;
using consensus::Subject;
using consensus::View;
using consensus::Vote;

constexpr PeerIndex kSelf{3};
constexpr StandingToken kToken{{9, 9}};

consensus::ValidatorSet validators_of(std::uint32_t count) {
  return validator_set(test_genesis(count));
}

// An answer of somebody in view `view`, who holds these votes of ours.
Standing standing(std::uint64_t view, const std::vector<Subject>& own = {}) {
  Standing out{kToken, {}, {}};
  for (const auto& subject : own) out.votes.push_back({subject, kSelf, {}});
  if (view > 1) out.certificates.push_back({Subject::nullify({view - 1}), {0b0111}, {{}, {}, {}}});
  return out;
}

struct Guarded {
  explicit Guarded(const std::vector<SafetyRecord>& journal, std::uint32_t validators = 4,
                   std::uint64_t finalized = 0)
      : guard{validators_of(validators), PeerIndex{kSelf.value % validators}, kToken} {
    guard.start(journal, {finalized});
  }
  VotingStage stage() const { return guard.status().stage; }
  // Answers of all in `peers`, in the same view; whether votes may leave then.
  bool answered(std::initializer_list<std::uint32_t> peers, std::uint64_t view) {
    for (const auto peer : peers) guard.take({peer}, standing(view));
    return guard.opens({0});
  }
  VoteGuard guard;
};

TEST(VoteGuard, AWholeLogNeedsTheAnswersOfOneHonestPeer) {
  struct Row {
    std::uint32_t validators;
    std::uint32_t answers;
  };
  for (const auto& [validators, answers] :
       {Row{1, 0}, Row{2, 1}, Row{3, 1}, Row{4, 2}, Row{7, 3}, Row{10, 4}, Row{13, 5}}) {
    Guarded it{{}, validators};
    for (std::uint32_t i = 0, given = 0; given < answers; ++i) {
      if (PeerIndex{i} == PeerIndex{kSelf.value % validators}) continue;
      EXPECT_FALSE(it.guard.opens({0})) << validators << " validators, " << given << " answers";
      it.guard.take({i}, standing(1));
      ++given;
    }
    EXPECT_TRUE(it.guard.opens({0})) << validators << " validators";
    EXPECT_FALSE(it.guard.opens({0})) << "told once";
    EXPECT_EQ(it.stage(), VotingStage::kVoting);
  }
}

TEST(VoteGuard, OnePeerAnsweringTwiceIsOne) {
  Guarded it{{}};
  EXPECT_FALSE(it.answered({1, 1, 1}, 5));
  EXPECT_TRUE(it.answered({2}, 5));
}

TEST(VoteGuard, VotesThatTheLogHoldsOrMayHaveDroppedAreKnown) {
  const Subject own = Subject::nullify({7});
  Guarded it{{OwnVote{own}}, 4, 5};
  it.guard.take({0}, standing(8, {own, Subject::nullify({5})}));
  it.guard.take({1}, standing(8, {Subject::nullify({2})}));
  EXPECT_FALSE(it.guard.take_unknown());
  EXPECT_TRUE(it.guard.opens({5}));
}

TEST(VoteGuard, AVoteThatTheLogLacksMakesItRejoin) {
  Guarded it{{}, 4, 5};
  it.guard.take({0}, standing(8, {Subject::nullify({6})}));
  EXPECT_EQ(it.guard.take_unknown(), Subject::nullify({6}));
  EXPECT_FALSE(it.guard.take_unknown()) << "told once";
  EXPECT_FALSE(it.answered({1}, 8)) << "two would do for a whole log";
  EXPECT_EQ(it.stage(), VotingStage::kLocating);
  EXPECT_FALSE(it.guard.remembers());
  EXPECT_EQ(it.guard.status().answers_missing, 1U);
}

// REQUIRES: guard of seven validators, of whom two may lie.
void replace_links(VoteGuard& guard, std::uint32_t peers, std::uint32_t times) {
  for (std::uint32_t i = 0; i < peers * times; ++i) guard.on_replaced({i % peers + 4});
}

TEST(VoteGuard, StopsWhenThreeOfSevenKeepGivingItsLinksToAnother) {
  Guarded two{{}, 7};
  replace_links(two.guard, 2, 100);
  EXPECT_FALSE(two.guard.key_in_use()) << "both may lie";
  Guarded seldom{{}, 7};
  replace_links(seldom.guard, 3, kReplacedTimes - 1);
  EXPECT_FALSE(seldom.guard.key_in_use()) << "what a process that died has dialled last";
  Guarded often{{}, 7};
  replace_links(often.guard, 3, kReplacedTimes);
  EXPECT_TRUE(often.guard.key_in_use());
  EXPECT_FALSE(often.answered({0, 1, 2}, 5)) << "it does not vote any more";
}

TEST(VoteGuard, WhoIsConnectedWasReplacedByChance) {
  Guarded it{{}, 7};
  replace_links(it.guard, 3, kReplacedTimes - 1);
  it.guard.on_connected({4});
  replace_links(it.guard, 3, 1);
  EXPECT_FALSE(it.guard.key_in_use());
  replace_links(it.guard, 1, kReplacedTimes - 1);
  EXPECT_TRUE(it.guard.key_in_use());
}

TEST(VoteGuard, WhoVotesLeavesItToTheOtherToStop) {
  Guarded it{{}, 7};
  EXPECT_TRUE(it.answered({0, 1, 2}, 5));
  replace_links(it.guard, 3, 100);
  EXPECT_FALSE(it.guard.key_in_use());
}

TEST(VoteGuard, OneAloneIsNotTakenForTwo) {
  Guarded it{{}, 1};
  EXPECT_TRUE(it.answered({}, 1));
}

TEST(VoteGuard, RejoinsWhenWhatWasProvedIsLongFinal) {
  Guarded it{{HistoryLost{}}};
  EXPECT_FALSE(it.answered({0, 1}, 9));
  EXPECT_FALSE(it.answered({2}, 20)) << "W is 20";
  EXPECT_EQ(it.stage(), VotingStage::kListening);
  EXPECT_EQ(it.guard.status().final_wanted, View{20 + 1 + 2 * 4});
  EXPECT_FALSE(it.guard.opens({28}));
  EXPECT_EQ(it.stage(), VotingStage::kListening);
  EXPECT_FALSE(it.guard.opens({29})) << "they are asked once more";
  EXPECT_EQ(it.stage(), VotingStage::kConfirming);
  EXPECT_FALSE(it.answered({0, 1}, 40));
  EXPECT_TRUE(it.answered({2}, 40));
  EXPECT_EQ(it.stage(), VotingStage::kVoting);
}

TEST(VoteGuard, CountsTheAnswersThatARejoinNeeds) {
  struct Row {
    std::uint32_t validators;
    std::uint32_t answers;  // min(n - f, n - 1)
  };
  for (const auto& [validators, answers] : {Row{4, 3}, Row{5, 4}, Row{7, 5}, Row{10, 7}}) {
    const Guarded it{{HistoryLost{}}, validators};
    EXPECT_EQ(it.guard.status().answers_missing, answers);
    EXPECT_TRUE(it.guard.status().can_rejoin);
  }
}

TEST(VoteGuard, OfFewerThanFourNobodyCanRejoin) {
  for (const std::uint32_t validators : {1U, 2U, 3U}) {
    Guarded it{{HistoryLost{}}, validators};
    EXPECT_FALSE(it.guard.status().can_rejoin);
    EXPECT_FALSE(it.guard.opens({1000}));
  }
}

TEST(VoteGuard, AVoteThatIsNewerThanWhatWasProvedIsAnothers) {
  for (const std::uint64_t view : {10U, 11U}) {
    Guarded it{{HistoryLost{}}};
    EXPECT_FALSE(it.answered({0, 1, 2}, 9));
    it.guard.notice(Subject::nullify({view}));
    EXPECT_EQ(it.guard.key_in_use().has_value(), view == 11) << "ours may be in view W + 1";
    EXPECT_FALSE(it.guard.opens({100}));
    it.guard.take({1}, standing(100));
    it.guard.take({2}, standing(100));
    it.guard.take({0}, standing(100, {Subject::nullify({view})}));
    EXPECT_EQ(it.guard.opens({100}), view == 10);
  }
}

// The other process went on between the first answer and the last.
TEST(VoteGuard, AVoteShownBeforeAllHaveAnsweredIsComparedToo) {
  Guarded it{{HistoryLost{}}};
  it.guard.take({0}, standing(9, {Subject::nullify({30})}));
  EXPECT_FALSE(it.guard.key_in_use());
  EXPECT_FALSE(it.answered({1, 2}, 9));
  EXPECT_EQ(
      it.guard.key_in_use(),
      "a vote of view 30 under this validator's key was made while this process did not vote");
}

TEST(VoteGuard, VotesOfOthersInAnAnswerMeanNothing) {
  Guarded it{{}};
  Standing odd = standing(3);
  odd.votes.push_back({Subject::nullify({2}), {1}, {}});
  it.guard.take({0}, odd);
  EXPECT_EQ(it.stage(), VotingStage::kAsking);
}

TEST(VoteGuard, AsksEachPeerUntilItAnswers) {
  Guarded it{{HistoryLost{}}};
  const std::set<PeerIndex> connected{{0}, {1}};
  base::TimePoint now{};
  EXPECT_EQ(it.guard.due(connected, now), (std::vector<PeerIndex>{{0}, {1}}));
  EXPECT_TRUE(it.guard.due(connected, now).empty());
  it.guard.take({0}, standing(1));
  EXPECT_EQ(it.guard.deadline(connected), now + kStandingAskInterval);
  now = now + kStandingAskInterval;
  EXPECT_EQ(it.guard.due(connected, now), (std::vector<PeerIndex>{{1}}));
  it.guard.on_connected({1});
  EXPECT_EQ(it.guard.due(connected, now), (std::vector<PeerIndex>{{1}}));
}

TEST(VoteGuard, GoesOnAskingWhileItListens) {
  Guarded it{{HistoryLost{}}};
  (void)it.answered({0, 1, 2}, 9);
  const std::set<PeerIndex> connected{{0}, {1}, {2}};
  base::TimePoint now{};
  EXPECT_EQ(it.guard.due(connected, now).size(), 3U);
  for (const std::uint32_t peer : {0U, 1U, 2U}) it.guard.take({peer}, standing(10));
  now = now + kStandingAskInterval;
  EXPECT_EQ(it.guard.due(connected, now).size(), 3U);
}

TEST(VoteGuard, AsksNobodyOnceItVotes) {
  Guarded it{{}};
  const std::set<PeerIndex> connected{{0}, {1}, {2}};
  (void)it.guard.due(connected, {});
  EXPECT_TRUE(it.answered({0, 1}, 1));
  EXPECT_FALSE(it.guard.deadline(connected));
  EXPECT_TRUE(it.guard.due(connected, base::TimePoint{} + base::seconds(9)).empty());
}

TEST(VoteWitness, KeepsTheNewestOfEachKind) {
  VoteWitness witness;
  const auto saw = [&](const Subject& subject) { witness.saw({subject, {1}, {}}); };
  saw(Subject::nullify({4}));
  saw(Subject::nullify({9}));
  saw(Subject::nullify({6}));
  saw(Subject::finalize({{5}, {4}, {}}));
  const std::vector<Vote> certified{{Subject::nullify({8}), {1}, {}},
                                    {Subject::finalize({{7}, {4}, {}}), {1}, {}}};
  const auto newest = witness.newest({1}, certified);
  ASSERT_EQ(newest.size(), 2U);
  EXPECT_EQ(newest[0].subject, Subject::nullify({9}));
  EXPECT_EQ(newest[1].subject.view(), View{7});
  EXPECT_TRUE(witness.newest({2}, {}).empty());
}

}  // namespace
}  // namespace peerpay::node::testing
