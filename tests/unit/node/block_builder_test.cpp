#include "node/core/block_builder.h"

#include <gtest/gtest.h>

#include "node/core/limits.h"
#include "tests/unit/node/harness.h"

namespace peerpay::node::testing {
namespace {

class BlockBuilderTest : public ::testing::Test {
 protected:
  BlockBuilderTest() {
    auto bootstrap = test_bootstrap(genesis_);
    tree_.start(std::move(bootstrap.state), bootstrap.head);
  }

  void pool(std::uint8_t from, std::uint64_t nonces, std::uint32_t legs = 1) {
    for (std::uint64_t nonce = 1; nonce <= nonces; ++nonce) {
      const auto payment =
          test_pay(genesis_, {.from = from, .to = 104, .units = 1, .nonce = nonce, .legs = legs});
      const auto added = pool_.add(payment, {}, tree_.state(), now_);
      ASSERT_EQ(added.admission, Admission::kAdmitted);
    }
  }
  // The nonces that the next block would take, by sender.
  std::map<ledger::AccountId, std::vector<std::uint64_t>> built(BlockExtent max) {
    const auto parent = tree_.parent(tree_.head_hash());
    const auto built = build_block(genesis_, tree_, *parent, pool_,
                                   {.view = 1, .proposer = 0, .now = now_.wall, .max = max});
    tree_.release(built.version);
    turns_ = built.extent.turns;
    std::map<ledger::AccountId, std::vector<std::uint64_t>> out;
    for (const auto& transaction : built.block.transactions) {
      const auto& body = transaction.transaction.body;
      out[body.sender].push_back(body.nonce.value);
    }
    return out;
  }

  ledger::Genesis genesis_ = test_genesis(1);
  base::Now now_{{0}, {1'700'000'001'000}};
  BlockTree tree_{genesis_};
  Mempool pool_{{}, genesis_};
  std::size_t turns_ = 0;
};

constexpr std::uint64_t kOfAnyTurns = BlockPace::kOfAnyTurns;

TEST_F(BlockBuilderTest, TakesAsManyTurnsOfEachSenderAsItMay) {
  pool(101, 50);
  pool(102, 30);
  pool(103, 1);
  const auto taken = built({.weight = 100, .turns = 19});
  EXPECT_EQ(taken.at(test_account(101)).size(), 19U);
  EXPECT_EQ(taken.at(test_account(102)).size(), 19U);
  EXPECT_EQ(taken.at(test_account(103)).size(), 1U);
  EXPECT_EQ(turns_, 19U);
}

// Else who has much to send would wait beside an empty block.
TEST_F(BlockBuilderTest, TakesAFewWhateverTheirTurns) {
  pool(101, 50);
  pool(103, 1);
  const auto taken = built({.weight = 100, .turns = 1});
  EXPECT_EQ(taken.at(test_account(101)).size(), kOfAnyTurns - 1);
  EXPECT_EQ(taken.at(test_account(103)).size(), 1U);
}

TEST_F(BlockBuilderTest, TakesAsMuchAsItMayWeigh) {
  pool(101, 5);
  pool(102, 2);
  const auto taken = built({.weight = 3, .turns = 9});
  EXPECT_EQ(taken.at(test_account(101)), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(taken.at(test_account(102)), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(turns_, 2U);
}

TEST_F(BlockBuilderTest, ManyOperationsWeighMore) {
  pool(101, 5, 100);
  EXPECT_EQ(built({.weight = 8, .turns = 9}).at(test_account(101)).size(), 2U);
}

}  // namespace
}  // namespace peerpay::node::testing
