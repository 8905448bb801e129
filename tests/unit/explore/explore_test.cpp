// Exploration: small worlds are walked through whole, and the oracle says no when it must.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

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

TEST(Exploration, WalksThroughAWholeWorld) {
  const World world{1, 0, 0, false, false};
  Explorer explorer{world, 1};
  explorer.run(1'000'000);
  EXPECT_FALSE(explorer.failure());
  EXPECT_TRUE(explorer.totals().exhausted);
  EXPECT_GT(explorer.totals().final_states, 0U);
  Explorer again{world, 7};
  again.run(1'000'000);
  EXPECT_EQ(again.totals().states, explorer.totals().states);
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
