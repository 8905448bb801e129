// Whole runs: the same seed is the same run, and planted defects are found.
#include "tests/sim/cluster.h"

#include <gtest/gtest.h>

#include <string>

namespace peerpay::sim::testing {
namespace {

RunReport run(const Options& options) {
  Cluster cluster{options};
  return cluster.run();
}

TEST(Cluster, TheSameSeedIsTheSameRun) {
  for (const std::uint64_t seed : {11U, 12U, 13U}) {
    const RunReport first = run(draw_options(seed));
    const RunReport second = run(draw_options(seed));
    EXPECT_FALSE(first.failure) << first.failure->explanation;
    EXPECT_EQ(first.audit, second.audit) << seed;
    EXPECT_EQ(first.steps, second.steps) << seed;
  }
}

TEST(Cluster, AnotherSeedIsAnotherRun) {
  Options options = draw_options(11);
  const RunReport first = run(options);
  options.seed = 12;
  EXPECT_NE(first.audit, run(options).audit);
}

TEST(Cluster, FindsNodesThatKeepEachOtherBusy) {
  Options options = draw_options(11);
  options.steps_max = 1'000;
  const RunReport report = run(options);
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->checker, "steps");
}

// What was sent last can't be final at once.
TEST(Cluster, FindsPaymentsThatDoNotEnd) {
  Options options = draw_options(11);
  options.liveness_bound = base::milliseconds(1);
  const RunReport report = run(options);
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->checker, "liveness");
}

class BehaviourTest : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(BehaviourTest, ActsAndItsOutcomeIsSeen) {
  constexpr std::uint64_t kSeedsMax = 8;
  const auto behaviour = static_cast<Behaviour>(GetParam());
  for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    const RunReport report = run(draw_options(behaviour, 4, seed));
    ASSERT_FALSE(report.failure) << report.failure->explanation;
    if (report.behaviour_acts > 0 && report.behaviour_witnesses > 0) return;
  }
  ADD_FAILURE() << text(behaviour).title << ": never seen in " << kSeedsMax << " seeds";
}

INSTANTIATE_TEST_SUITE_P(Named, BehaviourTest, ::testing::Range(1U, kBehaviours + 1),
                         [](const auto& number) {
                           return std::string{name(static_cast<Behaviour>(number.param))};
                         });

class CanaryTest : public ::testing::TestWithParam<Canary> {};

// The failure that the canary must cause.
Failure expected_of(Canary canary) {
  switch (canary) {
    case Canary::kSendBeforeSync:
    case Canary::kLostSignLog:
    case Canary::kConflictingVote: return {FailureClass::kSafety, "votes", {}};
    case Canary::kLostCommit:
    case Canary::kLostMoney: return {FailureClass::kSafety, "chain", {}};
    case Canary::kStall: return {FailureClass::kLiveness, "liveness", {}};
    case Canary::kNone:
    case Canary::kAbort:
    case Canary::kRealClock: break;
  }
  ADD_FAILURE() << "no run can end so";
  return {};
}

TEST_P(CanaryTest, IsFound) {
  constexpr std::uint64_t kSeedsMax = 25;
  const Failure expected = expected_of(GetParam());
  for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    Options options = draw_options(seed);
    plant(GetParam(), options);
    const RunReport report = run(options);
    if (!report.failure) continue;
    EXPECT_EQ(report.failure->failure_class, expected.failure_class) << report.failure->explanation;
    // The others may show the node a vote that it has forgotten, before it contradicts that.
    const bool noticed = GetParam() != Canary::kConflictingVote && expected.checker == "votes" &&
                         report.failure->checker == "blame";
    if (noticed) return;
    EXPECT_EQ(report.failure->checker, expected.checker) << report.failure->explanation;
    return;
  }
  ADD_FAILURE() << "not found in " << kSeedsMax << " seeds";
}

INSTANTIATE_TEST_SUITE_P(Planted, CanaryTest,
                         ::testing::Values(Canary::kSendBeforeSync, Canary::kLostSignLog,
                                           Canary::kLostCommit, Canary::kConflictingVote,
                                           Canary::kLostMoney, Canary::kStall),
                         [](const auto& canary) {
                           std::string out;
                           for (const char c : name(canary.param)) {
                             if (c != '-') out += c;
                           }
                           return out;
                         });

}  // namespace
}  // namespace peerpay::sim::testing
