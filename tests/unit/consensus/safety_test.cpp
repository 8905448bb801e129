// The safety table, row by row, restated apart from the code: its rows, not the event
// loop, are what keeps a chain from forking (Simplex, ePrint 2023/463, section 2.1).
#include "consensus/safety.h"

#include <gtest/gtest.h>

#include "consensus/view_runs.h"
#include "tests/unit/consensus/cluster.h"

namespace peerpay::consensus::test {
namespace {

const Proposal kC{View{5}, View{4}, make_digest(1)};
const Proposal kOther{View{5}, View{4}, make_digest(2)};

// Everything that a finalize vote needs.
SafetyFacts ready() {
  SafetyFacts out;
  out.closed_through = View{4};
  out.notarized_by_quorum = kC;
  out.certified = true;
  return out;
}

SafetyFacts after(std::initializer_list<Subject> sent) {
  SafetyFacts out = ready();
  for (const auto& subject : sent) out.own.record(subject);
  return out;
}

struct Row {
  const char* sent = "";
  SafetyFacts facts;
  Permission notarize{}, nullify{}, finalize{};
};

TEST(SafetyTable, HoldsRowByRow) {
  using enum Permission;
  const Row rows[] = {
      {"nothing", after({}), kAllowed, kAllowed, kAllowed},
      {"notarize(c)", after({Subject::notarize(kC)}), kAlreadySent, kAllowed, kAllowed},
      {"notarize(other)", after({Subject::notarize(kOther)}), kAlreadySent, kAllowed,
       kOtherNotarized},
      {"nullify", after({Subject::nullify(View{5})}), kNullifySent, kAlreadySent, kNullifySent},
      {"notarize, nullify", after({Subject::notarize(kC), Subject::nullify(View{5})}), kAlreadySent,
       kAlreadySent, kNullifySent},
      {"finalize(c)", after({Subject::finalize(kC)}), kAllowed, kFinalizeSent, kAlreadySent},
      {"finalize(other)", after({Subject::finalize(kOther)}), kFinalizeSent, kFinalizeSent,
       kAlreadySent},
      {"notarize, finalize", after({Subject::notarize(kC), Subject::finalize(kC)}), kAlreadySent,
       kFinalizeSent, kAlreadySent},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(may_sign(row.facts, Subject::notarize(kC)), row.notarize) << row.sent;
    EXPECT_EQ(may_sign(row.facts, Subject::nullify(View{5})), row.nullify) << row.sent;
    EXPECT_EQ(may_sign(row.facts, Subject::finalize(kC)), row.finalize) << row.sent;
  }
}

TEST(SafetyTable, NeedsANotarizationThatIsCertifiedToFinalize) {
  auto facts = ready();
  facts.notarized_by_quorum.reset();
  EXPECT_EQ(may_sign(facts, Subject::finalize(kC)), Permission::kNotNotarized);
  facts.notarized_by_quorum = kOther;
  EXPECT_EQ(may_sign(facts, Subject::finalize(kC)), Permission::kNotNotarized);
  facts = ready();
  facts.certified = false;
  EXPECT_EQ(may_sign(facts, Subject::finalize(kC)), Permission::kNotCertified);
}

TEST(SafetyTable, GivesAnEquivocatingLeaderNothingButNullify) {
  auto facts = ready();
  facts.leader_equivocated = true;
  EXPECT_EQ(may_sign(facts, Subject::notarize(kC)), Permission::kLeaderEquivocated);
  EXPECT_EQ(may_sign(facts, Subject::finalize(kC)), Permission::kLeaderEquivocated);
  EXPECT_EQ(may_sign(facts, Subject::nullify(View{5})), Permission::kAllowed);
}

TEST(SafetyTable, SignsNothingInAClosedView) {
  auto facts = ready();
  for (const std::uint64_t closed : {5U, 6U}) {
    facts.closed_through = View{closed};
    EXPECT_EQ(may_sign(facts, Subject::notarize(kC)), Permission::kViewClosed);
    EXPECT_EQ(may_sign(facts, Subject::nullify(View{5})), Permission::kViewClosed);
    EXPECT_EQ(may_sign(facts, Subject::finalize(kC)), Permission::kViewClosed);
  }
}

TEST(SafetyTable, NamesThePairsThatExcludeEachOther) {
  const Subject subjects[] = {Subject::notarize(kC), Subject::notarize(kOther),
                              Subject::nullify(View{5}), Subject::finalize(kC),
                              Subject::finalize(kOther)};
  const bool excluded[5][5] = {// notarize c, notarize other, nullify, finalize c, finalize other
                               {false, true, false, false, true},
                               {true, false, false, true, false},
                               {false, false, false, true, true},
                               {false, true, true, false, true},
                               {true, false, true, true, false}};
  for (std::size_t a = 0; a < 5; ++a) {
    for (std::size_t b = 0; b < 5; ++b) {
      EXPECT_EQ(exclude_each_other(subjects[a], subjects[b]), excluded[a][b]) << a << " " << b;
    }
  }
  EXPECT_FALSE(exclude_each_other(Subject::nullify(View{5}), Subject::nullify(View{6})));
  EXPECT_FALSE(exclude_each_other(Subject::nullify(View{6}), Subject::finalize(kC)));
}

TEST(OwnVotes, KnowWhatTheyContain) {
  OwnVotes own;
  EXPECT_FALSE(own.any());
  for (const auto& subject :
       {Subject::notarize(kC), Subject::nullify(View{5}), Subject::finalize(kC)}) {
    EXPECT_FALSE(own.contains(subject));
    own.record(subject);
    EXPECT_TRUE(own.contains(subject));
    EXPECT_TRUE(own.any());
  }
  EXPECT_FALSE(own.contains(Subject::notarize(kOther)));
}

// Against a plain set of views.
TEST(ViewRuns, AgreeWithAPlainSet) {
  base::Rng rng{3};
  for (int round = 0; round < 200; ++round) {
    ViewRuns runs;
    std::set<std::uint64_t> plain;
    for (int change = 0; change < 60; ++change) {
      const auto view = rng.between(1, 40);
      runs.insert(View{view});
      plain.insert(view);
      if (rng.chance(1, 15)) {
        const auto last = rng.between(0, 41);
        runs.erase_through(View{last});
        plain.erase(plain.begin(), plain.upper_bound(last));
      }
      const auto from = rng.between(0, 42);
      const auto until = rng.between(0, 42);
      std::optional<View> missing;
      for (auto v = from; v < until && !missing; ++v) {
        if (!plain.contains(v)) missing = View{v};
      }
      ASSERT_EQ(runs.first_missing(View{from}, View{until}), missing);
      ASSERT_EQ(runs.contains(View{from}), plain.contains(from));
    }
  }
}

TEST(ViewRuns, HoldNeighboursAsOne) {
  ViewRuns runs;
  for (std::uint64_t view = 1; view <= 1000; view += 2) runs.insert(View{view});
  EXPECT_EQ(runs.run_count(), 500U);
  for (std::uint64_t view = 2; view <= 1000; view += 2) runs.insert(View{view});
  EXPECT_EQ(runs.run_count(), 1U);
  runs.erase_through(View{999});
  EXPECT_EQ(runs.first_missing(View{1000}, View{5000}), View{1001});
}

}  // namespace
}  // namespace peerpay::consensus::test
