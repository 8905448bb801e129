// Two thousand random blocks from one seed must end in one state, on every compiler, machine and
// optimization level (a hundred thousand: tests/determinism). A different root here means that
// nodes would fork: change it only together with a rule, on purpose.

#include <gtest/gtest.h>

#include "ledger/invariants.h"
#include "tests/support/ledger/ledger_world.h"
#include "tests/support/ledger/naive_state_tree.h"
#include "tests/support/ledger/random_traffic.h"

namespace peerpay::ledger {
namespace {

constexpr std::uint64_t kSeed = 20'260'101;
constexpr int kBlocks = 2'000;

TEST(Determinism, TwoThousandBlocksEndInOneState) {
  test::LedgerWorld world;
  test::RandomTraffic traffic{kSeed};
  std::size_t applied = 0;
  for (int i = 0; i < kBlocks; ++i) {
    const auto candidates = traffic.next_candidates(world);
    const auto block = world.propose(candidates, traffic.next_proposer());
    const auto executed = world.accept(block);
    ASSERT_TRUE(executed) << "block " << i << ": " << name(executed.error());
    applied += executed->outcomes.size();
  }
  EXPECT_GT(applied, 1'500U);
  EXPECT_EQ(total_supply(world.state(), test::kEur), Amount{10'000'000});
  EXPECT_EQ(world.tip().state_root, test::naive_state_root(test::records_of(world.state())));
  EXPECT_EQ(base::to_hex(world.tip().state_root.view()),
            "cddc36be24e02420cb1036f5d4206195124895f991b06a31b27ac6e70efb98a0");
  EXPECT_EQ(base::to_hex(block_hash(world.tip()).view()),
            "a97f4ec101eb6e85431926a16cb3f8bb14f50fdd42d14dd8e5fab3708d4dc24d");
}

}  // namespace
}  // namespace peerpay::ledger
