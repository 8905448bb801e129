#include "node/storage/promise_guard.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/records.h"

namespace peerpay::storage {
namespace {

using consensus::Subject;
using consensus::View;
using test::proposal;

const Subject kNotarizeA = Subject::notarize(proposal(5, 1));
const Subject kNotarizeB = Subject::notarize(proposal(5, 2));
const Subject kFinalizeA = Subject::finalize(proposal(5, 1));
const Subject kFinalizeB = Subject::finalize(proposal(5, 2));
const Subject kNullify = Subject::nullify(View{5});

struct Row {
  Subject first;
  Subject second;
  std::optional<PromiseConflict> expected;
};

TEST(PromiseGuard, EveryPairOfVotesInOneViewIsJudged) {
  using enum PromiseConflict;
  const Row rows[] = {
      {kNotarizeA, kNotarizeA, std::nullopt},
      {kNotarizeA, kNotarizeB, kNotarizeAfterNotarize},
      {kNotarizeA, kNullify, std::nullopt},
      {kNotarizeA, kFinalizeA, std::nullopt},
      {kNotarizeA, kFinalizeB, std::nullopt},
      {kNullify, kNotarizeA, kNotarizeAfterNullify},
      {kNullify, kNullify, std::nullopt},
      {kNullify, kFinalizeA, kFinalizeAfterNullify},
      {kFinalizeA, kNotarizeA, std::nullopt},
      {kFinalizeA, kNotarizeB, kNotarizeAfterFinalize},
      {kFinalizeA, kNullify, kNullifyAfterFinalize},
      {kFinalizeA, kFinalizeA, std::nullopt},
      {kFinalizeA, kFinalizeB, kFinalizeAfterFinalize},
  };
  for (const auto& [first, second, expected] : rows) {
    PromiseGuard guard;
    guard.keep(first);
    EXPECT_EQ(guard.conflict(second), expected)
        << int(first.kind) << int(first.proposal.digest.bytes[0]) << " then " << int(second.kind)
        << int(second.proposal.digest.bytes[0]);
  }
}

TEST(PromiseGuard, TheParentIsPartOfWhatIsNotarized) {
  PromiseGuard guard;
  guard.keep(kNotarizeA);
  Subject other_parent = kNotarizeA;
  other_parent.proposal.parent = View{2};
  EXPECT_EQ(guard.conflict(other_parent), PromiseConflict::kNotarizeAfterNotarize);
}

TEST(PromiseGuard, ARejoinClosesWhatIsBelow) {
  PromiseGuard guard;
  guard.keep(kNullify);
  EXPECT_FALSE(guard.keep_all(std::vector<consensus::SafetyRecord>{consensus::HistoryLost{},
                                                                   consensus::Rejoined{View{9}}}));
  EXPECT_EQ(guard.conflict(Subject::nullify(View{9})), PromiseConflict::kForgotten);
  EXPECT_EQ(guard.conflict(kNullify), std::nullopt) << "a repetition";
  EXPECT_EQ(guard.conflict(Subject::nullify(View{10})), std::nullopt);
  EXPECT_EQ(guard.view_highest(), View{9});
}

TEST(PromiseGuard, ViewsDoNotBindEachOther) {
  PromiseGuard guard;
  guard.keep(kNullify);
  EXPECT_EQ(guard.conflict(Subject::finalize(proposal(6))), std::nullopt);
  EXPECT_EQ(guard.conflict(Subject::notarize(proposal(4))), std::nullopt);
}

TEST(PromiseGuard, NullifyBetweenNotarizeAndFinalizeIsRemembered) {
  PromiseGuard guard;
  guard.keep(kNotarizeA);
  guard.keep(kNullify);
  EXPECT_EQ(guard.conflict(kFinalizeA), PromiseConflict::kFinalizeAfterNullify);
  EXPECT_EQ(guard.conflict(kNotarizeA), std::nullopt);
}

TEST(PromiseGuard, BelowTheFloorOnlyKnownVotesMayBeRepeated) {
  PromiseGuard guard;
  guard.keep(kNotarizeA);
  guard.raise_floor(View{7});
  guard.raise_floor(View{6});
  EXPECT_EQ(guard.floor(), View{7});
  EXPECT_EQ(guard.conflict(kNotarizeA), std::nullopt);
  EXPECT_EQ(guard.conflict(kFinalizeA), PromiseConflict::kForgotten);
  EXPECT_EQ(guard.conflict(Subject::nullify(View{7})), PromiseConflict::kForgotten);
  EXPECT_EQ(guard.conflict(Subject::nullify(View{8})), std::nullopt);
}

TEST(PromiseGuard, KeepAllStopsAtTheFirstConflictWithinOneBatch) {
  PromiseGuard guard;
  const std::vector<consensus::SafetyRecord> records = {test::notarization(5), test::notarize(5),
                                                        test::nullify(5), test::finalize(5),
                                                        test::nullify(6)};
  const auto refusal = guard.keep_all(records);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->conflict, PromiseConflict::kFinalizeAfterNullify);
  EXPECT_EQ(refusal->view, View{5});
  EXPECT_EQ(guard.view_highest(), View{5});
}

TEST(PromiseGuard, WhatIsDroppedIsFound) {
  PromiseGuard all;
  ASSERT_FALSE(all.keep_all(
      std::vector{test::notarize(4), test::nullify(5), test::notarize(6), test::finalize(6)}));
  PromiseGuard kept;
  ASSERT_FALSE(kept.keep_all(std::vector{test::notarize(6)}));
  EXPECT_EQ(all.view_highest_not_in(kept), View{6});
  kept.keep(Subject::finalize(proposal(6)));
  EXPECT_EQ(all.view_highest_not_in(kept), View{5});
  EXPECT_EQ(all.view_highest_not_in(all), View{0});
}

}  // namespace
}  // namespace peerpay::storage
