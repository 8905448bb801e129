// Whole clusters: progress, idleness, crashes, partitions, message loss and a Byzantine validator.
#include "cluster.h"

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

struct Chaos {
  std::uint32_t validators;
  std::uint64_t drops_per_1000;
  std::uint64_t crashes_per_10000;
  bool adversary;
  bool partitions;
};

void run_chaos(const Chaos& chaos, std::uint64_t seed) {
  ClusterOptions options{.validators = chaos.validators, .seed = seed};
  options.delay_max = milliseconds(60);
  options.drops_per_1000 = chaos.drops_per_1000;
  options.crashes_per_10000 = chaos.crashes_per_10000;
  if (chaos.adversary) options.adversary = static_cast<std::uint32_t>(seed % chaos.validators);
  Cluster cluster(options);
  base::Rng rng{seed ^ 0xc0ffee};
  std::uint64_t payments = 0;
  for (int round = 0; round < 12 && cluster.violation().empty(); ++round) {
    cluster.submit();
    ++payments;
    if (chaos.partitions && rng.chance(1, 2)) {
      std::vector<std::set<std::uint32_t>> groups(2);
      for (std::uint32_t node = 0; node < chaos.validators; ++node) {
        groups[rng.below(2)].insert(node);
      }
      cluster.partition(groups);
    }
    cluster.run_for(milliseconds(static_cast<std::int64_t>(rng.between(50, 2500))));
    if (rng.chance(1, 2)) cluster.heal();
  }
  cluster.stop_faults();
  cluster.heal();
  cluster.restart_all();
  cluster.submit();
  EXPECT_TRUE(cluster.run_until_final(++payments, seconds(300))) << "seed " << seed;
  EXPECT_EQ(cluster.violation(), "") << "seed " << seed;
  if (getenv("TRACE"))
    printf("seed %lu view %lu msgs %lu blocks %lu evidence %zu t %ld\n", seed,
           cluster.view_max().value, cluster.messages_sent(), cluster.blocks_proposed(),
           cluster.evidence().size(), cluster.now().microseconds / 1000);
}

TEST(Chaos, AgreesWhenMessagesAreLostAndReordered) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) run_chaos({4, 100, 0, false, false}, seed);
}

TEST(Chaos, AgreesAcrossCrashesThatLoseUnsyncedRecords) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) run_chaos({4, 20, 300, false, false}, seed);
}

TEST(Chaos, AgreesAcrossPartitions) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) run_chaos({4, 10, 0, false, true}, seed);
}

TEST(Chaos, AgreesWithAByzantineValidator) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) run_chaos({4, 20, 0, true, false}, seed);
}

TEST(Chaos, AgreesWithEverythingAtOnce) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const std::uint32_t validators[] = {4, 5, 7};
    run_chaos({validators[seed % 3], 50, 100, true, true}, seed);
  }
}

}  // namespace
}  // namespace peerpay::consensus::test
