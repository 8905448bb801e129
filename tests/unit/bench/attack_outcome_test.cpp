#include "bench/attack_outcome.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace peerpay::bench {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr base::TimePoint kCalm{0};
constexpr base::TimePoint kAttacked{10'000'000};
constexpr base::TimePoint kEnd{20'000'000};

// Calm payments take 10 ms; those under attack, of which there is one, so many times as long.
Outcome slower_by(std::int64_t times) {
  Outcome out;
  out.calm.window = {kCalm, kAttacked};
  out.attacked.window = {kAttacked, kEnd};
  out.calm.memory_peak = {100 * kMiB, {100 * kMiB, 100 * kMiB}};
  out.attacked.memory_peak = out.calm.memory_peak;
  out.counts = {{"calls", 1}};
  out.load.completions = {{kCalm, kCalm + base::milliseconds(10)},
                          {kAttacked, kAttacked + base::milliseconds(10 * times)}};
  out.newcomers = out.newcomers_served = 10;
  return out;
}

Outcome beside_a_stall(Outcome outcome) {
  outcome.calm.slowest_write = base::milliseconds(40);
  return outcome;
}

TEST(AttackOutcome, WhatIsWithinTheGoalsMissesNone) {
  auto outcome = slower_by(2);
  outcome.attacked.memory_peak = {164 * kMiB, {164 * kMiB, 10 * kMiB}};
  outcome.newcomers_served = 9;
  EXPECT_EQ(outcome.missed(), "");
  EXPECT_TRUE(outcome.is_in_time());
}

TEST(AttackOutcome, NamesTheGoalThatWasMissed) {
  auto idle = slower_by(1);
  idle.counts.front().second = 0;
  EXPECT_EQ(idle.missed(), "the attack did not take place");
  for (auto LoadResult::*count :
       {&LoadResult::refused, &LoadResult::expired, &LoadResult::unsettled}) {
    auto lost = slower_by(1);
    lost.load.*count = 1;
    EXPECT_EQ(lost.missed(), "1 honest payments are not final");
  }
  auto fat = slower_by(1);
  fat.attacked.memory_peak.attacked += 64 * kMiB + 1;
  EXPECT_EQ(fat.missed(), "the memory grew by more than 64 MiB");
  auto fat_beside = slower_by(1);
  fat_beside.attacked.memory_peak.others.back() += 64 * kMiB + 1;
  EXPECT_EQ(fat_beside.missed(),
            "the memory of a validator that was not attacked grew by more than 64 MiB");
  auto deaf = slower_by(1);
  deaf.newcomers_served = 8;
  EXPECT_EQ(deaf.missed(), "only 8 of 10 newcomers were served");
  auto unasked = slower_by(1);
  unasked.newcomers = unasked.newcomers_served = 0;
  EXPECT_EQ(unasked.missed(), "only 0 of 0 newcomers were served");
}

TEST(AttackOutcome, TheRunWithTheMedianSlowdownIsJudged) {
  const auto met = judge({slower_by(9), slower_by(1), slower_by(2)}, 3);
  EXPECT_EQ(met.outcome.slowdown(), 2);
  EXPECT_EQ(met.missed, "");
  EXPECT_EQ(met.runs, 3u);
  EXPECT_EQ(met.runs_in_time, 2u);
  const auto missed = judge({slower_by(3), slower_by(1)}, 2);
  EXPECT_EQ(missed.outcome.slowdown(), 3) << "of an even number, the upper";
  EXPECT_EQ(missed.missed, "the p99 more than doubled");
}

TEST(AttackOutcome, RunsBesideAStallCountOnlyWhenOthersAreMissing) {
  const auto without =
      judge({beside_a_stall(slower_by(9)), slower_by(1), beside_a_stall(slower_by(9))}, 1);
  EXPECT_EQ(without.runs, 1u);
  EXPECT_EQ(without.runs_stalled, 2u);
  EXPECT_EQ(without.missed, "");
  const auto with = judge({beside_a_stall(slower_by(9)), slower_by(1)}, 2);
  EXPECT_EQ(with.runs, 2u);
  EXPECT_EQ(with.missed, "the p99 more than doubled");
}

TEST(AttackOutcome, AStallUnderAttackIsOneToo) {
  auto outcome = slower_by(1);
  EXPECT_FALSE(outcome.disk_stalled());
  outcome.attacked.slowest_write = base::milliseconds(40);
  EXPECT_TRUE(outcome.disk_stalled());
}

TEST(AttackOutcome, AStallThatOnlyTheCalmPaymentsMetIsOneToo) {
  auto outcome = slower_by(1);
  outcome.load.completions.front().final = kCalm + base::milliseconds(99);
  EXPECT_FALSE(outcome.disk_stalled());
  outcome.load.completions.front().final = kCalm + base::milliseconds(100);
  EXPECT_TRUE(outcome.disk_stalled());
}

}  // namespace
}  // namespace peerpay::bench
