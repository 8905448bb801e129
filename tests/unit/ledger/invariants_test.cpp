// Each invariant is shown to fire: an honest block is executed, then what it left behind is
// doctored.

#include "ledger/invariants.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "ledger/apply.h"
#include "ledger/limits.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::ledger {
namespace {

using test::kEur;
using test::kUsd;
using test::test_account;

class Invariants : public ::testing::Test {
 protected:
  struct Parts {
    Block block;
    StateChanges changes;
    std::vector<Outcome> outcomes;
    AccountId fee_account = test_account(200);
  };

  // Two payments of account 0, one of account 1 that account 2 sponsors; account 3 is not touched.
  void SetUp() override {
    auto sponsored = pay(1, 5).transaction.body;
    sponsored.sponsor = test_account(2);
    honest_.block = world_.propose({pay(0, 1), pay(0, 3), test::sealed(world_.chain(), sponsored)});
    Overlay overlay{world_.state()};
    auto executed = execute_block(world_.genesis(), world_.tip(), honest_.block, overlay);
    ASSERT_TRUE(executed);
    honest_.changes = overlay.changes();
    honest_.outcomes = executed->outcomes;
  }

  SealedTransaction pay(std::uint32_t sender, std::uint64_t nonce) {
    return test::sealed(world_.chain(), test::payment(world_.genesis(), test_account(sender),
                                                      {nonce}, {{test_account(sender + 4), 10}}));
  }

  std::string violated(const Parts& parts) {
    const auto violation = check_invariants(
        {world_.state(), parts.changes, parts.block, parts.outcomes, parts.fee_account});
    if (!violation) return "";
    EXPECT_FALSE(violation->explanation.empty());
    return std::string{violation->name};
  }
  std::string after(const std::function<void(Parts&)>& doctor) {
    auto parts = honest_;
    doctor(parts);
    return violated(parts);
  }
  static void add(Account& account, AssetId asset, std::uint64_t units) {
    account.set_balance(asset, Amount{account.balance(asset).units() + units});
  }
  static void remove(Account& account, AssetId asset, std::uint64_t units) {
    account.set_balance(asset, Amount{account.balance(asset).units() - units});
  }

  test::LedgerWorld world_;
  Parts honest_;
};

TEST_F(Invariants, HoldForAnHonestBlock) { EXPECT_EQ(violated(honest_), ""); }

TEST_F(Invariants, OutcomesMatchTheBlock) {
  const std::string expected = "OutcomesMatchTheBlock";
  EXPECT_EQ(after([](auto& p) { p.outcomes.pop_back(); }), expected);
  EXPECT_EQ(after([](auto& p) { std::swap(p.outcomes[0], p.outcomes[1]); }), expected);
  EXPECT_EQ(after([](auto& p) { p.outcomes[0].result = TransactionResult::kExpired; }), expected);
  EXPECT_EQ(after([](auto& p) { p.outcomes[0].fee_asset = kUsd; }), expected);
  EXPECT_EQ(after([](auto& p) { p.outcomes[0].fee_charged = Amount{3}; }), expected);
}

TEST_F(Invariants, AccountsNeverVanish) {
  const std::string expected = "AccountsNeverVanish";
  EXPECT_EQ(after([](auto& p) { p.changes.erase(test_account(4)); }), expected);
  EXPECT_EQ(after([](auto& p) { p.changes.erase(test_account(2)); }), expected);
  EXPECT_EQ(after([](auto& p) { p.changes.erase(test_account(200)); }), expected);
}

TEST_F(Invariants, AccountsNeverForgetTheirNonces) {
  ASSERT_TRUE(world_.accept(honest_.block));
  Parts later;
  later.block = world_.propose({});
  later.changes[test_account(0)] = *world_.state().account(test_account(0));
  EXPECT_EQ(violated(later), "");
  later.changes[test_account(0)].nonces = {};
  EXPECT_EQ(violated(later), "AccountsNeverVanish");
}

TEST_F(Invariants, NoncesAreUsedOnce) {
  const std::string expected = "NoncesAreUsedOnce";
  const auto window = [](Parts& p, std::uint32_t n) -> NonceWindow& {
    return p.changes.at(test_account(n)).nonces;
  };
  EXPECT_EQ(after([&](auto& p) { window(p, 0).highest = 4; }), expected);
  EXPECT_EQ(after([&](auto& p) { window(p, 0).below = 0; }), expected);
  EXPECT_EQ(after([&](auto& p) { window(p, 0).below |= 1; }), expected);
  EXPECT_EQ(after([&](auto& p) { window(p, 1).highest = 6; }), expected);
  EXPECT_EQ(after([&](auto& p) { window(p, 2).highest = 1; }), expected);  // the sponsor
  EXPECT_EQ(after([&](auto& p) { window(p, 4).highest = 1; }), expected);  // a payee
  EXPECT_EQ(after([&](auto& p) {
              p.block.transactions.push_back(p.block.transactions[0]);
              p.outcomes.push_back(p.outcomes[0]);
            }),
            expected);
}

TEST_F(Invariants, NoncesAreUsedOnceAcrossBlocks) {
  ASSERT_TRUE(world_.accept(honest_.block));
  EXPECT_EQ(violated(honest_), "NoncesAreUsedOnce");
}

TEST_F(Invariants, BalancesMatchTheBlock) {
  const std::string expected = "BalancesMatchTheBlock";
  // Money moves, none is made: only the block tells that it should not have.
  EXPECT_EQ(after([](auto& p) {
              add(p.changes.at(test_account(4)), kEur, 1);
              remove(p.changes.at(test_account(0)), kEur, 1);
            }),
            expected);
  EXPECT_EQ(after([](auto& p) {
              add(p.changes.at(test_account(4)), kUsd, 1);
              remove(p.changes.at(test_account(0)), kUsd, 1);
            }),
            expected);
  EXPECT_EQ(after([this](auto& p) {
              p.changes[test_account(3)] = *world_.state().account(test_account(3));
              remove(p.changes.at(test_account(3)), kEur, 5);
              add(p.changes.at(test_account(200)), kEur, 5);
            }),
            expected);
  EXPECT_EQ(after([](auto& p) { p.outcomes[0].fee_charged = Amount{1}; }), expected);
}

TEST_F(Invariants, BalancesMatchAnEmptyBlock) {
  Parts parts;
  parts.block = world_.propose({});
  for (const std::uint32_t number : {3U, 8U}) {
    parts.changes[test_account(number)] = *world_.state().account(test_account(number));
  }
  EXPECT_EQ(violated(parts), "");
  add(parts.changes.at(test_account(3)), kEur, 5);
  remove(parts.changes.at(test_account(8)), kEur, 5);
  EXPECT_EQ(violated(parts), "BalancesMatchTheBlock");
}

TEST_F(Invariants, MoneyIsConserved) {
  EXPECT_EQ(after([](auto& p) { add(p.changes.at(test_account(4)), kEur, 1); }),
            "MoneyIsConserved");
  EXPECT_EQ(after([](auto& p) { remove(p.changes.at(test_account(0)), kUsd, 1); }),
            "MoneyIsConserved");
}

TEST_F(Invariants, AnswerToABrokenBlockWithoutCrashing) {
  EXPECT_EQ(after([](auto& p) { p.changes.clear(); }), "AccountsNeverVanish");
  EXPECT_NE(after([](auto& p) { p.fee_account = test_account(9); }), "");
}

TEST(TotalSupply, SumsOneAssetAndNoticesOverflow) {
  MemoryState state;
  Account half;
  half.set_balance(kEur, Amount{kSupplyMax / 2});
  state.put(test_account(0), half);
  state.put(test_account(1), half);
  EXPECT_EQ(total_supply(state, kEur), Amount{kSupplyMax - 1});
  EXPECT_EQ(total_supply(state, kUsd), Amount{0});
  state.put(test_account(2), half);
  EXPECT_EQ(total_supply(state, kEur), std::nullopt);
}

}  // namespace
}  // namespace peerpay::ledger
