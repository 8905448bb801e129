#include "consensus/tally.h"

#include <gtest/gtest.h>

#include "tests/unit/consensus/cluster.h"

namespace peerpay::consensus::test {
namespace {

const Proposal kA{View{5}, View{4}, make_digest(1)};
const Proposal kB{View{5}, View{4}, make_digest(2)};

TEST(Tally, CountsEachSignerOncePerKind) {
  Tally tally{4};
  EXPECT_TRUE(tally.empty());
  EXPECT_TRUE(tally.add(unsigned_vote(Subject::notarize(kA), 1)).counted);
  EXPECT_FALSE(tally.empty());
  EXPECT_FALSE(tally.add(unsigned_vote(Subject::notarize(kA), 1)).counted);
  EXPECT_TRUE(tally.add(unsigned_vote(Subject::nullify(View{5}), 1)).counted) << "another kind";
  EXPECT_TRUE(tally.add(unsigned_vote(Subject::notarize(kA), 3)).counted);
  EXPECT_EQ(tally.count(Subject::notarize(kA)), 2U);
  EXPECT_EQ(tally.count(Subject::notarize(kB)), 0U);
  EXPECT_EQ(tally.count(Subject::nullify(View{5})), 1U);
  const auto votes = tally.votes(Subject::notarize(kA), 2);
  EXPECT_EQ(votes[0].signer.value, 1U);
  EXPECT_EQ(votes[1].signer.value, 3U);
}

TEST(Tally, ComparesContentNotSignatureBytes) {
  Tally tally{4};
  auto vote = unsigned_vote(Subject::notarize(kA), 1);
  (void)tally.add(vote);
  vote.signature.bytes[0] = 1;
  const auto again = tally.add(vote);
  EXPECT_FALSE(again.counted);
  EXPECT_FALSE(again.evidence) << "the same vote under other signature bytes accuses nobody";
}

TEST(Tally, AccusesOnceForEveryPairThatNoHonestValidatorSends) {
  const std::pair<Subject, Subject> pairs[] = {
      {Subject::notarize(kA), Subject::notarize(kB)},
      {Subject::finalize(kA), Subject::finalize(kB)},
      {Subject::nullify(View{5}), Subject::finalize(kA)},
      {Subject::finalize(kA), Subject::nullify(View{5})},
      {Subject::notarize(kA), Subject::finalize(kB)},
      {Subject::finalize(kB), Subject::notarize(kA)},
  };
  for (const auto& [first, second] : pairs) {
    Tally tally{4};
    EXPECT_FALSE(tally.add(unsigned_vote(first, 2)).evidence);
    EXPECT_FALSE(tally.add(unsigned_vote(second, 3)).evidence) << "another signer";
    const auto added = tally.add(unsigned_vote(second, 2));
    ASSERT_TRUE(added.evidence);
    EXPECT_EQ(added.evidence->first, unsigned_vote(first, 2));
    EXPECT_EQ(added.evidence->second, unsigned_vote(second, 2));
    EXPECT_FALSE(tally.add(unsigned_vote(second, 2)).evidence) << "once is enough";
  }
}

TEST(Tally, KeepsTheFirstOfTwoVotes) {
  Tally tally{4};
  (void)tally.add(unsigned_vote(Subject::notarize(kA), 2));
  (void)tally.add(unsigned_vote(Subject::notarize(kB), 2));
  EXPECT_EQ(tally.count(Subject::notarize(kA)), 1U);
  EXPECT_EQ(tally.count(Subject::notarize(kB)), 0U);
  EXPECT_EQ(tally.find(VoteKind::kNotarize, ValidatorIndex{2})->subject, Subject::notarize(kA));
  EXPECT_EQ(tally.find(VoteKind::kNotarize, ValidatorIndex{0}), nullptr);
}

}  // namespace
}  // namespace peerpay::consensus::test
