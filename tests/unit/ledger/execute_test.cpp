// Blocks: what a proposer makes is accepted, and every lie of a Byzantine proposer has its own
// name.

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "ledger/apply.h"
#include "ledger/invariants.h"
#include "ledger/limits.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::ledger {
namespace {

using test::kEur;

// A state that gives every account one euro cent more after its first few answers: what the rules
// read is not what the invariants read.
class FaultyState final : public StateView {
 public:
  explicit FaultyState(const StateView& real) : real_{real} {}
  const Account* account(const AccountId& id) const override {
    const Account* real = real_.account(id);
    if (real == nullptr || ++reads_ <= kHonestReads) return real;
    answer_ = *real;
    answer_.set_balance(kEur, Amount{real->balance(kEur).units() + 1});
    return &answer_;
  }

 private:
  static constexpr int kHonestReads = 2;
  const StateView& real_;
  mutable Account answer_;
  mutable int reads_ = 0;
};

class Execute : public ::testing::Test {
 protected:
  SealedTransaction pay(std::uint32_t sender, std::uint64_t nonce, std::uint64_t units = 10) {
    return test::sealed(world_.chain(),
                        test::payment(world_.genesis(), test::test_account(sender), {nonce},
                                      {{test::test_account(sender + 1), units}}));
  }
  Block block() { return world_.propose({pay(0, 1), pay(1, 1), pay(0, 2)}, 2); }

  // Makes the header commit to what the block now says, as a liar would.
  void reseal(Block& block) {
    block.header.transaction_count = static_cast<std::uint32_t>(block.transactions.size());
    block.header.transactions_root = transactions_root_of(block.transactions);
  }
  void expect_refused(const Block& block, BlockError error) {
    Overlay overlay{world_.state()};
    const auto executed = execute_block(world_.genesis(), world_.tip(), block, overlay);
    ASSERT_FALSE(executed);
    EXPECT_EQ(name(executed.error()), name(error));
    EXPECT_TRUE(overlay.changes().empty());
  }

  test::LedgerWorld world_;
};

TEST_F(Execute, AcceptsWhatAProposerMade) {
  const auto proposed = block();
  ASSERT_EQ(proposed.transactions.size(), 3U);
  const auto executed = world_.accept(proposed);
  ASSERT_TRUE(executed) << name(executed.error());
  EXPECT_EQ(executed->outcomes.size(), 3U);
  EXPECT_EQ(executed->transactions_root, proposed.header.transactions_root);
  EXPECT_EQ(executed->receipts_root, proposed.header.receipts_root);
  EXPECT_EQ(world_.tip(), proposed.header);
  const auto* fees = world_.state().account(test::test_account(202));
  ASSERT_NE(fees, nullptr);
  EXPECT_EQ(fees->balance(kEur), Amount{6});
}

TEST_F(Execute, AcceptsAnEmptyBlock) {
  ASSERT_TRUE(world_.accept(world_.propose({})));
  ASSERT_TRUE(world_.accept(world_.propose({})));
  EXPECT_EQ(world_.tip().height, Height{2});
}

TEST_F(Execute, LeavesOutWhatDoesNotApply) {
  const auto proposed = world_.propose({pay(0, 1), pay(0, 1), pay(0, 2, 2'000'000), pay(1, 0)});
  EXPECT_EQ(proposed.transactions.size(), 1U);
  EXPECT_TRUE(world_.accept(proposed));
}

TEST_F(Execute, RefusesABlockInTheWrongPlace) {
  const auto refuse = [this](BlockError error, const std::function<void(BlockHeader&)>& lie) {
    auto lying = block();
    lie(lying.header);
    expect_refused(lying, error);
  };
  refuse(BlockError::kChainWrong, [](auto& header) { header.chain.bytes[0] ^= 1; });
  refuse(BlockError::kVersionUnsupported, [](auto& header) { header.version = 2; });
  refuse(BlockError::kHeightWrong, [](auto& header) { header.height = {0}; });
  refuse(BlockError::kHeightWrong, [](auto& header) { header.height = {2}; });
  refuse(BlockError::kParentWrong, [](auto& header) { header.parent.bytes[0] ^= 1; });
  refuse(BlockError::kProposerUnknown, [](auto& header) { header.proposer = 4; });
  refuse(BlockError::kTimestampNotAfterParent,
         [this](auto& header) { header.timestamp = world_.tip().timestamp; });
}

TEST_F(Execute, RefusesCommitmentsThatAreNotKept) {
  auto lying = block();
  lying.header.transactions_root.bytes[0] ^= 1;
  expect_refused(lying, BlockError::kTransactionsRootWrong);
  lying = block();
  ++lying.header.transaction_count;
  expect_refused(lying, BlockError::kTransactionsRootWrong);
  lying = block();
  lying.header.receipts_root.bytes[0] ^= 1;
  expect_refused(lying, BlockError::kReceiptsRootWrong);
  lying = block();
  lying.header.proposer = 1;  // its fee account would be another
  EXPECT_EQ(world_.accept(lying).error(), BlockError::kStateRootWrong);
  lying = block();
  lying.header.state_root.bytes[0] ^= 1;
  EXPECT_EQ(world_.accept(lying).error(), BlockError::kStateRootWrong);
}

TEST_F(Execute, RefusesATransactionThatDoesNotApply) {
  auto lying = block();
  lying.transactions.push_back(pay(0, 2));  // nonce used in this very block
  reseal(lying);
  expect_refused(lying, BlockError::kTransactionInvalid);
  lying = block();
  lying.transactions.push_back(pay(0, 0));  // check_static
  reseal(lying);
  expect_refused(lying, BlockError::kTransactionInvalid);
  lying = block();
  auto body = pay(3, 1).transaction.body;
  body.fee.asset = test::kNoAsset;  // check_genesis
  lying.transactions.push_back(test::sealed(world_.chain(), body));
  reseal(lying);
  expect_refused(lying, BlockError::kTransactionInvalid);
}

TEST_F(Execute, RefusesATransactionInABlockLaterThanItsLimit) {
  auto body = pay(0, 1).transaction.body;
  body.valid_until = {world_.tip().timestamp.value + 150};
  const auto transaction = test::sealed(world_.chain(), body);
  ASSERT_TRUE(world_.accept(world_.propose({})));
  EXPECT_TRUE(world_.propose({transaction}).transactions.empty());
  auto lying = world_.propose({pay(0, 1)});
  lying.transactions = {transaction};
  reseal(lying);
  expect_refused(lying, BlockError::kTransactionInvalid);
}

TEST_F(Execute, RefusesABlockWhoseEffectBreaksAnInvariant) {
  const auto proposed = world_.propose({pay(0, 1)});
  const FaultyState faulty{world_.state()};
  Overlay overlay{faulty};
  const auto executed = execute_block(world_.genesis(), world_.tip(), proposed, overlay);
  ASSERT_FALSE(executed);
  EXPECT_EQ(name(executed.error()), name(BlockError::kInvariantBroken));
  EXPECT_TRUE(overlay.changes().empty());
}

TEST_F(Execute, RefusesABlockAboveItsLimits) {
  auto large = world_.propose({});
  large.transactions.assign(kBlockTransactionsMax + 1, SealedTransaction{});
  expect_refused(large, BlockError::kTooLarge);
  large.transactions.assign(1, pay(0, 1));
  large.transactions[0].bytes.resize(world_.genesis().consensus.block_bytes_max + 1);
  expect_refused(large, BlockError::kTooLarge);
}

TEST_F(Execute, ConservesMoneyOverManyBlocks) {
  for (std::uint64_t nonce = 1; nonce <= 20; ++nonce) {
    ASSERT_TRUE(world_.accept(world_.propose({pay(0, nonce), pay(3, nonce), pay(5, nonce)},
                                             static_cast<std::uint32_t>(nonce % 4))));
    for (const auto asset : {test::kEur, test::kUsd, test::kXau}) {
      EXPECT_EQ(total_supply(world_.state(), asset), Amount{10'000'000});
    }
  }
}

TEST_F(Execute, KeepsOneVersionOfTheTree) {
  for (std::uint64_t nonce = 1; nonce <= 5; ++nonce) {
    ASSERT_TRUE(world_.accept(world_.propose({pay(0, nonce)})));
  }
  const std::size_t accounts = world_.state().accounts().size();
  EXPECT_EQ(world_.tree().nodes_live(), 2 * accounts - 1);
}

TEST(BlockErrors, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (std::uint8_t value = 1; value <= 12; ++value) {
    EXPECT_TRUE(names.insert(name(static_cast<BlockError>(value))).second);
  }
}

}  // namespace
}  // namespace peerpay::ledger
