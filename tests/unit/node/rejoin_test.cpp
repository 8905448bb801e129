// A validator that comes back without all that it has signed, among real replicas.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "consensus/safety.h"
#include "node/core/limits.h"
#include "tests/unit/node/straggler.h"

namespace peerpay::node::testing {
namespace {

using consensus::HistoryLost;
using consensus::OwnVote;
using consensus::Rejoined;
using consensus::SafetyRecord;
using consensus::Subject;

bool votes(const Mesh& mesh, std::uint32_t node) {
  return !mesh.replicas[node]->engine().is_muted();
}

// Payments of one account, one block each, until `done`.
bool pay_until(Mesh& mesh, std::uint64_t& nonce, const std::function<bool()>& done) {
  for (int i = 0; i < 60 && !done(); ++i) {
    mesh.submit(0, test_pay(mesh.genesis, {.nonce = ++nonce}));
    const auto before = mesh.chains[0].size();
    if (!mesh.run(20'000, [&] { return mesh.chains[0].size() > before; })) return false;
  }
  return done();
}

void expect_no_contradiction(const std::vector<Subject>& votes) {
  const std::set<Subject> distinct{votes.begin(), votes.end()};
  for (const auto& a : distinct) {
    for (const auto& b : distinct) {
      EXPECT_FALSE(consensus::exclude_each_other(a, b)) << "view " << a.view().value;
    }
  }
}

class Rejoin : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(pay_until(mesh_, nonce_, [&] { return mesh_.chains[0].size() >= 3; }));
  }
  bool pay_until_it_votes() {
    return pay_until(mesh_, nonce_, [&] { return votes(mesh_, 3); });
  }

  Mesh mesh_{4};
  std::uint64_t nonce_ = 0;
};

TEST_F(Rejoin, AWholeLogVotesAsSoonAsTwoHaveAnswered) {
  mesh_.restart(3, mesh_.journals[3]);
  EXPECT_FALSE(votes(mesh_, 3));
  mesh_.settle();
  EXPECT_TRUE(votes(mesh_, 3));
  EXPECT_EQ(mesh_.replicas[3]->status().voting->stage, VotingStage::kVoting);
}

TEST_F(Rejoin, ALostLogVotesAgainAndContradictsNothing) {
  mesh_.journals[3] = {HistoryLost{}};
  const auto votes_before = mesh_.votes[3].size();
  mesh_.restart(3, {HistoryLost{}});
  mesh_.settle();
  EXPECT_EQ(mesh_.replicas[3]->status().voting->stage, VotingStage::kListening);
  EXPECT_EQ(mesh_.votes[3].size(), votes_before);
  ASSERT_TRUE(pay_until_it_votes());
  ASSERT_TRUE(pay_until(mesh_, nonce_, [&] { return mesh_.votes[3].size() > votes_before + 3; }));
  expect_no_contradiction(mesh_.votes[3]);
  EXPECT_FALSE(mesh_.halted) << *mesh_.halted;

  // The record came before the votes, and later starts are ordinary.
  const auto& journal = mesh_.journals[3];
  const auto is_end = [](const SafetyRecord& r) { return std::holds_alternative<Rejoined>(r); };
  const auto is_vote = [](const SafetyRecord& r) { return std::holds_alternative<OwnVote>(r); };
  EXPECT_LT(std::find_if(journal.begin(), journal.end(), is_end),
            std::find_if(journal.begin(), journal.end(), is_vote));
  mesh_.restart(3, journal);
  mesh_.settle();
  EXPECT_TRUE(votes(mesh_, 3));
}

TEST_F(Rejoin, ADroppedEndOfTheLogIsNoticedFromTheAnswers) {
  auto journal = mesh_.journals[3];
  while (!std::holds_alternative<OwnVote>(journal.back())) journal.pop_back();
  journal.pop_back();
  mesh_.journals[3] = journal;
  mesh_.restart(3, journal);
  mesh_.settle();
  EXPECT_FALSE(votes(mesh_, 3));
  EXPECT_TRUE(consensus::is_incomplete(mesh_.journals[3])) << "journaled at once";
  EXPECT_FALSE(mesh_.halted) << "it has not voted since";
  ASSERT_TRUE(pay_until_it_votes());
  expect_no_contradiction(mesh_.votes[3]);
}

TEST_F(Rejoin, EverybodyAtOnceCanStartAgain) {
  for (const std::uint32_t node : {0U, 1U, 2U, 3U}) mesh_.restart(node, mesh_.journals[node]);
  mesh_.settle();
  for (const std::uint32_t node : {0U, 1U, 2U, 3U}) EXPECT_TRUE(votes(mesh_, node));
}

TEST_F(Rejoin, WhoLacksVotesAnswersNobody) {
  mesh_.restart(3, {HistoryLost{}});
  mesh_.settle();
  const auto effects =
      mesh_.replicas[3]->handle(StandingRequested{{1}, StandingRequest{{{5}}}}, mesh_.now);
  EXPECT_TRUE(sent<Standing>(mesh_.genesis, effects).empty());
}

TEST_F(Rejoin, AnAnswerToAnEarlierProcessDoesNotCount) {
  Bootstrap bootstrap = test_bootstrap(mesh_.genesis);
  bootstrap.token = {{7}};
  Replica replica{mesh_.network, kSelf, {}};
  (void)replica.start(std::move(bootstrap), mesh_.now);
  for (const std::uint32_t peer : {0U, 1U, 2U})
    (void)replica.handle(StandingReceived{{peer}, Standing{{{6}}, {}, {}}}, mesh_.now);
  EXPECT_TRUE(replica.engine().is_muted());
  for (const std::uint32_t peer : {0U, 1U})
    (void)replica.handle(StandingReceived{{peer}, Standing{{{7}}, {}, {}}}, mesh_.now);
  EXPECT_FALSE(replica.engine().is_muted());
}

TEST_F(Rejoin, AnAskerIsAnsweredWithinBounds) {
  std::size_t answers = 0;
  for (int i = 0; i < 100; ++i) {
    const auto effects =
        mesh_.replicas[0]->handle(StandingRequested{{3}, StandingRequest{{{5}}}}, mesh_.now);
    answers += sent<Standing>(mesh_.genesis, effects).size();
  }
  EXPECT_GT(answers, 0U);
  EXPECT_LE(answers, static_cast<std::size_t>(kStandingsServedBurst));
}

// A copy of the home, beside the live original.
TEST_F(Rejoin, ASecondProcessWithTheKeyFindsTheFirstAndStops) {
  const auto journal_of_copy = mesh_.journals[3];
  ASSERT_TRUE(pay_until(mesh_, nonce_, [&] { return mesh_.chains[0].size() >= 5; }));
  Bootstrap bootstrap = test_bootstrap(mesh_.genesis);
  bootstrap.journal = journal_of_copy;
  bootstrap.token = {{77}};
  Replica copy{mesh_.network, kSelf, {}};
  Effects all = copy.start(std::move(bootstrap), mesh_.now);
  const auto ask_everybody = [&] {
    for (const std::uint32_t peer : {0U, 1U, 2U}) {
      const auto effects = mesh_.replicas[peer]->handle(
          StandingRequested{kSelf, StandingRequest{{{77}}}}, mesh_.now);
      for (const auto& [to, standing] : sent<Standing>(mesh_.genesis, effects)) {
        if (!all.halt) all.append(copy.handle(StandingReceived{{peer}, standing}, mesh_.now));
      }
    }
  };
  ask_everybody();
  EXPECT_FALSE(all.halt) << "the votes may be from before the copy was started";
  EXPECT_TRUE(consensus::is_incomplete(all.persist));
  ASSERT_TRUE(pay_until(mesh_, nonce_, [&] { return mesh_.chains[0].size() >= 8; }));
  ask_everybody();
  ASSERT_TRUE(all.halt);
  EXPECT_EQ(all.halt_cause, HaltCause::kKeyInUse);
  EXPECT_TRUE(all.sign.empty());
  EXPECT_FALSE(mesh_.halted) << "the first goes on";
}

}  // namespace
}  // namespace peerpay::node::testing
