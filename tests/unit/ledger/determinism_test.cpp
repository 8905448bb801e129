// Two thousand random blocks from one seed must end in one state, on every compiler, machine and
// optimization level. A different root here means that nodes would fork: change it only together
// with a rule, on purpose.

#include <gtest/gtest.h>

#include "base/rng.h"
#include "ledger/invariants.h"
#include "tests/support/ledger/ledger_world.h"
#include "tests/support/ledger/naive_state_tree.h"

namespace peerpay::ledger {
namespace {

constexpr std::uint64_t kSeed = 20'260'101;
constexpr int kBlocks = 2'000;
constexpr std::uint32_t kAccounts = 60;

class Traffic {
 public:
  Traffic() {
    for (std::uint32_t i = 0; i < kAccounts; ++i) ids_.push_back(test::test_account(i));
  }

  std::vector<SealedTransaction> next_candidates(const test::LedgerWorld& world) {
    std::vector<SealedTransaction> out;
    for (std::uint64_t i = rng_.below(6); i > 0; --i) out.push_back(next(world));
    return out;
  }
  std::uint32_t next_proposer() { return static_cast<std::uint32_t>(rng_.below(4)); }

 private:
  SealedTransaction next(const test::LedgerWorld& world) {
    const auto sender = ids_[rng_.below(kAccounts)];
    const Account* account = world.state().account(sender);
    const std::uint64_t highest = account != nullptr ? account->nonces.highest : 0;
    std::vector<test::Leg> legs;
    for (std::uint64_t i = rng_.between(1, 4); i > 0; --i) {
      const AssetId asset{static_cast<std::uint32_t>(rng_.below(3))};
      legs.push_back({ids_[rng_.below(kAccounts)], rng_.below(50'000), asset});
    }
    const Nonce nonce{highest + rng_.below(5)};
    auto body = test::payment(world.genesis(), sender, nonce, legs);
    if (rng_.chance(1, 3)) body.sponsor = ids_[rng_.below(kAccounts)];
    body.valid_until.value = world.tip().timestamp.value + rng_.below(2'000);
    return test::sealed(world.chain(), std::move(body));
  }

  base::Rng rng_{kSeed};
  std::vector<AccountId> ids_;
};

TEST(Determinism, TwoThousandBlocksEndInOneState) {
  test::LedgerWorld world;
  Traffic traffic;
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
