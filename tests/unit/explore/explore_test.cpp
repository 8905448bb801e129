// Exploration: small worlds are walked through whole, and the oracle says no when it must.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/explore/command.h"
#include "tests/explore/fair_network.h"
#include "tests/explore/oracle.h"

namespace peerpay::explore::testing {
namespace {

Subjects set_named(std::initializer_list<const char*> names) {
  Subjects out = 0;
  for (const char* const name : names) out |= set_of(*subject_named(name));
  return out;
}

std::string complaint(const sim::Verdict& verdict) {
  return verdict.failure() ? verdict.failure()->explanation : "";
}

std::string vote_after(Subjects sent, const char* name) {
  sim::Verdict verdict;
  const std::uint32_t number = *subject_named(name);
  check_vote({sent, sent | set_of(number), 0}, number, verdict);
  return complaint(verdict);
}

// Two of them voted for all of it.
std::string certified(Subjects subjects) {
  sim::Verdict verdict;
  check_agreement({Testimony{subjects, subjects, 0}, {subjects, subjects, 0}, {}}, World{},
                  verdict);
  return complaint(verdict);
}

TEST(Exploration, NumbersEverySubjectOnce) {
  Subjects all = 0;
  for (std::uint32_t number = 0; number < kSubjects; ++number) {
    EXPECT_EQ(number_of(subject_of(number)), number);
    EXPECT_EQ(subject_named(describe_subject(number)), number);
    all |= set_of(number);
  }
  EXPECT_EQ(all, (Subjects{1} << kSubjects) - 1);
}

TEST(Exploration, KnowsTwoVotesThatExcludeEachOther) {
  EXPECT_EQ(vote_after(set_named({"notarize-v1p0a"}), "nullify-v1"), "");
  EXPECT_EQ(vote_after(set_named({"notarize-v1p0a"}), "finalize-v1p0a"), "");
  EXPECT_EQ(vote_after(set_named({"notarize-v1p0a", "nullify-v1"}), "notarize-v1p0a"), "");
  EXPECT_NE(vote_after(set_named({"nullify-v1"}), "notarize-v1p0a"), "");
  EXPECT_NE(vote_after(set_named({"notarize-v1p0a"}), "notarize-v1p0b"), "");
  EXPECT_NE(vote_after(set_named({"notarize-v1p0a"}), "finalize-v1p0b"), "");
  EXPECT_NE(vote_after(set_named({"nullify-v2"}), "finalize-v2p1a"), "");
  EXPECT_NE(vote_after(set_named({"finalize-v2p1a"}), "nullify-v2"), "");
  EXPECT_NE(vote_after(set_named({"finalize-v2p1a"}), "finalize-v2p0a"), "");
}

TEST(Exploration, KnowsAVoteThatWasNotRecorded) {
  sim::Verdict verdict;
  check_vote({}, *subject_named("nullify-v1"), verdict);
  EXPECT_NE(complaint(verdict), "");
}

TEST(Exploration, KnowsDisagreement) {
  const Subjects one = set_named({"notarize-v1p0a", "finalize-v1p0a"});
  EXPECT_EQ(certified(one | set_named({"notarize-v2p1a", "notarize-v3p2b"})), "");
  EXPECT_EQ(certified(one | set_named({"nullify-v2", "notarize-v3p1a"})), "");
  EXPECT_NE(certified(one | set_named({"notarize-v1p0b"})), "");
  EXPECT_NE(certified(one | set_named({"nullify-v1"})), "");
  EXPECT_NE(certified(set_named({"finalize-v1p0a"})), "");
  EXPECT_NE(certified(one | set_named({"notarize-v2p0a"})), "");
  EXPECT_NE(certified(one | set_named({"notarize-v3p1a"})), "") << "view 2 is not nullified";
  EXPECT_NE(certified(one | set_named({"nullify-v2", "notarize-v3p0a"})), "");
}

TEST(Exploration, KnowsACertificateOfTooFew) {
  sim::Verdict verdict;
  const Subjects nullified = set_named({"nullify-v1"});
  check_agreement({Testimony{nullified, nullified, nullified}, {}, {}}, World{}, verdict);
  EXPECT_NE(complaint(verdict), "");
}

TEST(Exploration, NamesItsSteps) {
  const std::string text =
      "views=2,turn=1,crashes=1,refuses=1,each=0 n0:timeout!2 n1:votes.notarize-v1p0b.013 "
      "n2:certificate.nullify-v2.012 n0:certify.v2 n1:propose n2:verify n0:connect n1:restart";
  const auto course = course_named(text);
  ASSERT_TRUE(course);
  EXPECT_EQ(course->path.size(), 8U);
  EXPECT_EQ(describe(course->world, course->path), text);
  for (const char* const wrong : {"", "views=4", "n0:timeout"}) EXPECT_FALSE(course_named(wrong));
  EXPECT_FALSE(course_named(text + " n3:timeout"));
  EXPECT_FALSE(course_named(text + " n0:certify.v9"));
  EXPECT_FALSE(course_named(text + " n0:votes.nullify-v1."));
}

Totals explored(const World& world, std::uint64_t seed, std::uint64_t states, StateSet& met) {
  Explorer explorer{world, seed, met};
  explorer.run(states);
  EXPECT_FALSE(explorer.failure());
  return explorer.totals();
}

constexpr std::uint64_t kAllOfThem = 100'000'000;
// One view without a crash; the Byzantine validator leads it.
constexpr World kSmall{1, 2, 0, false, false};

TEST(Exploration, WalksThroughAWholeWorld) {
  const World world{1, 0, 0, false, false};
  StateSet met;
  const Totals whole = explored(world, 1, kAllOfThem, met);
  EXPECT_TRUE(whole.exhausted);
  EXPECT_GT(whole.final_states, 0U);
  EXPECT_EQ(whole.distinct, whole.states);
  const Totals again = explored(world, 7, kAllOfThem, met);
  EXPECT_EQ(again.states, whole.states);
  EXPECT_EQ(again.distinct, 0U) << "the same states, whatever the order";
}

TEST(Exploration, CountsAStateOfSeveralWorldsOnce) {
  const World crashes{1, 0, 1, false, false};
  StateSet of_both;
  World crash_free = crashes;
  crash_free.crashes = 0;
  const Totals before = explored(crash_free, 1, kAllOfThem, of_both);
  const Totals after = explored(crashes, 2, 20'000, of_both);
  EXPECT_EQ(before.crashed_states, 0U);
  EXPECT_LT(after.distinct, after.states);
  EXPECT_EQ(after.crashed_states, after.distinct) << "all that nobody crashed in was met before";
  EXPECT_EQ(of_both.size(), before.distinct + after.distinct);
}

TEST(Exploration, CountsWhatARefusalChanges) {
  StateSet met;
  const Totals certifies = explored(kSmall, 1, 50'000, met);
  World refusing = kSmall;
  refusing.refuses = true;
  const Totals refuses = explored(refusing, 2, 50'000, met);
  EXPECT_EQ(certifies.distinct, certifies.states);
  EXPECT_GT(refuses.distinct, 0U);
  EXPECT_LT(refuses.distinct, refuses.states);
}

TEST(Exploration, WalksElsewhereWithAnotherSeed) {
  constexpr std::uint64_t kStates = 20'000;
  StateSet met;
  explored(World{}, 1, kStates, met);
  EXPECT_GT(explored(World{}, 2, kStates, met).distinct, kStates * 9 / 10);
}

TEST(Exploration, EndsWhenDivesMeetNothingNew) {
  const World world{1, 0, 0, false, false};
  StateSet met;
  const Totals whole = explored(world, 1, kAllOfThem, met);
  // A quarter of this does not meet them all, and dives can't meet more than all.
  const Totals bounded = explored(world, 1, 2 * whole.states, met);
  EXPECT_FALSE(bounded.exhausted);
  EXPECT_LE(bounded.states, whole.states);
}

// The value of a figure in a line of JSON.
std::uint64_t figure(const std::string& line, const std::string& name) {
  const auto at = line.find("\"" + name + "\":");
  EXPECT_NE(at, std::string::npos) << name << " in " << line;
  return at == std::string::npos ? 0 : std::stoull(line.substr(at + name.size() + 3));
}

struct Said {
  int code = 0;
  std::vector<std::string> lines;  // on the standard output
  std::string complaint;
};

Said said_by(const Command& command) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Said out;
  out.code = run(command);
  std::istringstream printed{::testing::internal::GetCapturedStdout()};
  for (std::string line; std::getline(printed, line);) out.lines.push_back(line);
  out.complaint = ::testing::internal::GetCapturedStderr();
  return out;
}

TEST(Exploration, TellsDistinctStatesOfEachWorldAndOfAll) {
  Command command;
  command.states = 30'000;
  command.json = true;
  const Said said = said_by(command);
  EXPECT_EQ(said.code, 0);
  ASSERT_EQ(said.lines.size(), worlds(command).size() + 1);
  std::uint64_t distinct = 0;
  std::uint64_t where_nobody_may_crash = 0;
  for (std::size_t i = 0; i + 1 < said.lines.size(); ++i) {
    distinct += figure(said.lines[i], "distinct");
    EXPECT_LE(figure(said.lines[i], "distinct"), figure(said.lines[i], "states"));
    if (said.lines[i].find("crashes=0") == std::string::npos) continue;
    where_nobody_may_crash += figure(said.lines[i], "crash_free");
    EXPECT_EQ(figure(said.lines[i], "after_crash"), 0U);
  }
  const std::string& all = said.lines.back();
  EXPECT_EQ(figure(all, "distinct"), distinct);
  EXPECT_EQ(figure(all, "crash_free") + figure(all, "after_crash"), distinct);
  EXPECT_GT(where_nobody_may_crash, command.states / 4) << "they have a share of their own";
  EXPECT_GT(figure(all, "after_crash"), command.states / 4);
}

TEST(Exploration, EndsSoonWhenThereAreFewerStatesThanWorlds) {
  Command command;
  command.states = 3;
  command.json = true;
  EXPECT_LE(figure(said_by(command).lines.back(), "states"), worlds(command).size());
}

TEST(Exploration, NeverGoesBeyondItsBound) {
  for (const std::uint64_t states : {1U, 3U, 1'000U}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      Command command;
      command.states = states;
      command.seed = seed;
      command.json = true;
      const Said said = said_by(command);
      EXPECT_LE(figure(said.lines.back(), "distinct"), states) << "seed " << seed;
      EXPECT_NE(said.lines.back().find("\"exhausted\":false"), std::string::npos);
    }
  }
}

TEST(Exploration, SaysWhatIsWrongWithAPath) {
  const std::string world = describe(World{}, {});
  const std::pair<std::string, std::string> wrong[] = {
      {"views=4", "'views=4' is no world, as " + world + " is one"},
      {world + " n3:timeout",
       "'n3:timeout' is no step, as n0:timeout and n1:votes.nullify-v1.03 are"},
      {world + " n1:timeout n0:certificate.nullify-v1.013 n0:timeout",
       "step 2, n0:certificate.nullify-v1.013, cannot be taken there"},
      {world + " n0:certify.v3", "step 1, n0:certify.v3, cannot be taken there"},
      {world + " n0:connect n0:verify", "step 2, n0:verify, cannot be taken there"},
  };
  for (const auto& [path, sentence] : wrong) {
    Command command;
    command.path = path;
    const Said said = said_by(command);
    EXPECT_EQ(said.code, 64);
    EXPECT_EQ(said.complaint, "peerpay-explore: --path: " + sentence + "\n");
    EXPECT_TRUE(said.lines.empty());
  }
}

TEST(Exploration, FollowsAPathToFinality) {
  const auto course = course_named(
      "views=1,turn=0,crashes=1,refuses=0,each=0 n1:propose n0:votes.notarize-v1p0a.1 n0:verify "
      "n0:certificate.notarize-v1p0a.013 n1:certificate.notarize-v1p0a.013 n0:certify.v1 "
      "n1:certify.v1 n2:certificate.finalize-v1p0a.013");
  ASSERT_TRUE(course);
  const Replay out = replay(course->world, course->path);
  EXPECT_TRUE(out.possible);
  EXPECT_FALSE(out.failure);
  // Without the proposal nothing can be verified, so nobody but its maker votes.
  Path without = course->path;
  without.erase(without.begin());
  EXPECT_FALSE(replay(course->world, without).possible);
}

TEST(Exploration, KnowsWhatIsLive) {
  const World world;
  std::array<std::unique_ptr<Process>, kHonest> processes;
  for (std::uint32_t i = 0; i < kHonest; ++i) processes[i] = std::make_unique<Process>(world, i);
  sim::Verdict fresh;
  run_fairly(world, processes, fresh);
  EXPECT_FALSE(fresh.failure());
  // Rule C30: what one sees that cannot be stops it.
  sim::Verdict forged;
  for (const char* const step : {"certificate.nullify-v1.123", "certificate.finalize-v1p0a.123"})
    EXPECT_TRUE(processes[0]->take(*step_named(step), forged));
  ASSERT_TRUE(forged.failure());
  EXPECT_EQ(forged.failure()->explanation, "two certificates contradict each other");
  sim::Verdict stuck;
  run_fairly(world, processes, stuck);
  ASSERT_TRUE(stuck.failure());
  EXPECT_EQ(stuck.failure()->failure_class, sim::FailureClass::kLiveness);
}

}  // namespace
}  // namespace peerpay::explore::testing
