// Whole clusters: progress, idleness, crashes, partitions, message loss and a Byzantine validator.
#include "tests/unit/consensus/cluster.h"

#include <gtest/gtest.h>

#include "consensus/limits.h"

namespace peerpay::consensus::test {
namespace {

using base::milliseconds;
using base::seconds;

class ClusterOfSize : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, ClusterOfSize, testing::Values(1, 2, 3, 4, 5, 7, 10));

TEST_P(ClusterOfSize, MakesPaymentsFinal) {
  Cluster cluster({.validators = GetParam(), .seed = 7});
  for (std::uint64_t payment = 1; payment <= 20; ++payment) {
    cluster.submit();
    ASSERT_TRUE(cluster.run_until_final(payment, milliseconds(200))) << payment;
  }
}

TEST_P(ClusterOfSize, ToleratesSilenceOfAThird) {
  Cluster cluster({.validators = GetParam(), .seed = 8});
  for (std::uint32_t i = 0; i < (GetParam() - 1) / 3; ++i) cluster.crash(i);
  for (std::uint64_t payment = 1; payment <= 8; ++payment) {
    cluster.submit();
    ASSERT_TRUE(cluster.run_until_final(payment, seconds(10))) << payment;
  }
}

TEST(Cluster, IsIdleWithoutWork) {
  Cluster cluster({});
  cluster.run_for(seconds(60));
  EXPECT_EQ(cluster.view_max(), View{1});
  EXPECT_EQ(cluster.messages_sent(), 0U);
  cluster.submit();
  ASSERT_TRUE(cluster.run_until_final(1, milliseconds(200)));
  cluster.run_for(milliseconds(100));
  const auto view = cluster.view_max();
  const auto messages = cluster.messages_sent();
  cluster.run_for(seconds(3600));
  EXPECT_EQ(cluster.view_max(), view);
  EXPECT_EQ(cluster.messages_sent(), messages);
  EXPECT_EQ(cluster.blocks_proposed(), 2U) << "the genesis and one block";
  for (std::uint32_t node = 0; node < 4; ++node) EXPECT_FALSE(cluster.engine(node).deadline());
}

TEST(Cluster, FinalizesWithinThreeDelays) {
  Cluster cluster({.delay_min = milliseconds(10), .delay_max = milliseconds(10)});
  cluster.submit();
  EXPECT_FALSE(cluster.run_until_final(1, milliseconds(29)));
  EXPECT_TRUE(cluster.run_until_final(1, milliseconds(2)));
}

TEST(Cluster, MakesNoEmptyBlockAfterTheLastPayment) {
  Cluster cluster(
      {.delay_min = milliseconds(30), .delay_max = milliseconds(30)});  // slower than blocks
  for (std::uint64_t payment = 1; payment <= 5; ++payment) {
    cluster.submit();
    ASSERT_TRUE(cluster.run_until_final(payment, milliseconds(100)));
    EXPECT_EQ(cluster.blocks_proposed(), 1 + payment);
  }
}

// The finalize votes and the finalization of the last block are lost: nobody has work any more, but
// the payment must not hang.
TEST(Cluster, SettlesTheLastPaymentWhenItsFinalizationIsLost) {
  for (const std::uint32_t validators : {2U, 4U, 7U}) {
    Cluster cluster({.validators = validators, .seed = 5});
    cluster.drop_if = [](auto, auto, const Subject& s) { return s.kind == VoteKind::kFinalize; };
    cluster.submit();
    cluster.run_for(milliseconds(100));
    EXPECT_EQ(cluster.payments_final(0), 0U);
    cluster.drop_if = nullptr;
    EXPECT_TRUE(cluster.run_until_final(1, seconds(2))) << "by the rebroadcast";
    EXPECT_EQ(cluster.blocks_proposed(), 2U) << "without an empty block";
  }
}

TEST(Cluster, SettlesTheLastPaymentWhenAViewCanNotBeFinalized) {
  Cluster cluster({.validators = 4, .seed = 6});
  // Two of four never finalize view 1: the quorum is missing for good.
  cluster.drop_if = [](std::uint32_t from, auto, const Subject& s) {
    return s.kind == VoteKind::kFinalize && s.view() == View{1} && from < 2;
  };
  cluster.submit();
  EXPECT_TRUE(cluster.run_until_final(1, seconds(10))) << "by an empty block above it";
  cluster.run_for(seconds(1));
  const auto blocks = cluster.blocks_proposed();
  cluster.run_for(seconds(600));
  EXPECT_EQ(cluster.blocks_proposed(), blocks) << "and no chain of empty blocks";
}

// One of the three that are needed comes back at any moment of the view. When the two others are
// about to give the view up, its block is certified and can not be finalized any more: nothing is
// gained by waiting for that.
TEST(Cluster, AValidatorThatComesBackCountsAtOnceWhenever) {
  for (std::int64_t away_ms = 700; away_ms <= 900; away_ms += 5) {
    Cluster cluster({.delay_min = milliseconds(10), .delay_max = milliseconds(10)});
    cluster.submit();
    ASSERT_TRUE(cluster.run_until_final(1, seconds(1)));
    cluster.run_for(seconds(1));
    cluster.crash(3);
    cluster.crash(0);
    cluster.submit();
    cluster.run_for(milliseconds(away_ms));
    cluster.restart(0);
    EXPECT_TRUE(cluster.run_until_final(2, milliseconds(1'500))) << away_ms << " ms away";
  }
}

TEST(Cluster, OneNodeThatMissedTheFinalizationIsHelped) {
  Cluster cluster({.validators = 4, .seed = 7});
  cluster.drop_if = [](auto, std::uint32_t to, const Subject& s) {
    return s.kind == VoteKind::kFinalize && to == 3;
  };
  cluster.submit();
  cluster.run_for(milliseconds(100));
  EXPECT_EQ(cluster.payments_final(0), 1U);
  EXPECT_EQ(cluster.payments_final(3), 0U);
  cluster.drop_if = nullptr;
  EXPECT_TRUE(cluster.run_until_final(1, seconds(2)));
  EXPECT_EQ(cluster.blocks_proposed(), 2U);
}

TEST(Cluster, WorkKnownToOneNodeAloneStillBecomesFinal) {
  Cluster cluster({.validators = 4, .seed = 8});
  cluster.submit_at(0);  // leads view 4
  EXPECT_TRUE(cluster.run_until_final(1, seconds(30)));
}

TEST(Cluster, MakesOneBlockPerIntervalUnderLoad) {
  Cluster cluster({.validators = 4, .seed = 9});
  for (int i = 0; i < 1000; ++i) {
    cluster.submit();
    cluster.run_for(milliseconds(10));
  }
  // 20 ms between starts as each leader sees them, one delay of 1 to 5 ms apart.
  EXPECT_GT(cluster.blocks_proposed(), 10'000 / 27U);
  EXPECT_LT(cluster.blocks_proposed(), 10'000 / 20U);
}

// Which faults a run may draw; how strong they are is drawn from the seed (swarm testing).
struct Faults {
  bool drops = false;
  bool crashes = false;
  bool partitions = false;
  bool adversary = false;
};

ClusterOptions draw_options(const Faults& faults, base::Rng& rng, std::uint64_t seed) {
  constexpr std::uint32_t kSizes[] = {1, 2, 3, 4, 4, 4, 5, 6, 7};
  ClusterOptions out{.validators = kSizes[rng.below(std::size(kSizes))], .seed = seed};
  out.delay_max = milliseconds(static_cast<std::int64_t>(rng.between(1, 300)));
  if (faults.drops) out.drops_per_1000 = rng.between(0, 300);
  if (faults.crashes) out.crashes_per_10000 = rng.between(0, 1000);
  if (faults.adversary && out.validators >= 4) {
    out.adversary = static_cast<std::uint32_t>(rng.below(out.validators));
  }
  return out;
}

void partition_at_random(Cluster& cluster, base::Rng& rng) {
  std::vector<std::set<std::uint32_t>> groups(2);
  for (std::uint32_t node = 0; node < cluster.size(); ++node) groups[rng.below(2)].insert(node);
  cluster.partition(groups);
}

// First safety under faults, then liveness without: everything submitted becomes final.
void run_chaos(const Faults& faults, std::uint64_t seed) {
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  base::Rng rng{seed};
  Cluster cluster(draw_options(faults, rng, seed));
  std::uint64_t payments = 0;
  const auto rounds = rng.between(5, 30);
  for (std::uint64_t round = 0; round < rounds && cluster.violation().empty(); ++round) {
    cluster.submit();
    ++payments;
    if (faults.partitions && rng.chance(1, 3)) partition_at_random(cluster, rng);
    if (faults.crashes && rng.chance(1, 20)) {
      for (std::uint32_t node = 0; node < cluster.size(); ++node) cluster.crash(node);
      cluster.restart_all();
    }
    cluster.run_for(milliseconds(static_cast<std::int64_t>(rng.between(1, 1500))));
    if (rng.chance(1, 3)) cluster.heal();
  }
  cluster.stop_faults();
  cluster.heal();
  cluster.restart_all();
  EXPECT_TRUE(cluster.run_until_final(payments, seconds(300)));
  EXPECT_EQ(cluster.violation(), "");
}

constexpr std::uint64_t kSeeds = 150;

TEST(Chaos, AgreesWhenMessagesAreLostAndReordered) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) run_chaos({.drops = true}, seed);
}

TEST(Chaos, AgreesAcrossCrashesThatLoseUnsyncedRecords) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) run_chaos({.crashes = true}, seed);
}

TEST(Chaos, AgreesAcrossPartitions) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) run_chaos({.partitions = true}, seed);
}

TEST(Chaos, AgreesWithAByzantineValidator) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) run_chaos({.adversary = true}, seed);
}

TEST(Chaos, AgreesWithEverythingAtOnce) {
  const Faults all{.drops = true, .crashes = true, .partitions = true, .adversary = true};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) run_chaos(all, seed);
}

}  // namespace
}  // namespace peerpay::consensus::test
