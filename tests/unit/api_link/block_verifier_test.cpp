#include "api/link/block_verifier.h"

#include <gtest/gtest.h>

#include "tests/unit/api_link/chain_fixture.h"

namespace peerpay::api {
namespace {

using test::PracticeChain;
using test::uncertified;

TEST(BlockVerifier, TakesCertifiedBlocksInOrder) {
  PracticeChain chain;
  auto verifier = chain.verifier();
  for (int i = 0; i < 3; ++i) {
    const auto sent = chain.pay(0, 1);
    const auto blocks = verifier.accept(sent);
    ASSERT_TRUE(blocks) << blocks.error();
    ASSERT_EQ(blocks->size(), 1U);
    EXPECT_EQ(blocks->front().hash, sent.hash);
    EXPECT_EQ(blocks->front().block.transactions.size(), 1U);
  }
  EXPECT_EQ(verifier.point(), chain.tip());
}

TEST(BlockVerifier, AnUncertifiedBlockIsProvedByItsDescendant) {
  PracticeChain chain;
  auto verifier = chain.verifier();
  const auto before = verifier.point();
  EXPECT_TRUE(verifier.accept(uncertified(chain.pay(0, 1)))->empty());
  EXPECT_TRUE(verifier.accept(uncertified(chain.pay(0, 1)))->empty());
  EXPECT_EQ(verifier.point(), before);
  const auto blocks = verifier.accept(chain.heartbeat());
  ASSERT_TRUE(blocks);
  EXPECT_EQ(blocks->size(), 3U);
  EXPECT_EQ(verifier.point(), chain.tip());
}

TEST(BlockVerifier, ALyingNodeMakesNothingFinal) {
  PracticeChain chain;
  auto verifier = chain.verifier();
  const auto point = verifier.point();
  const auto first = chain.pay(0, 1);
  const auto second = chain.pay(0, 2);

  auto forged = first;
  forged.certificate = second.certificate;  // of another block
  EXPECT_FALSE(verifier.accept(forged));
  forged.certificate = first.certificate;
  forged.certificate[forged.certificate.size() - 1] ^= 1U;
  EXPECT_FALSE(verifier.accept(forged));
  auto damaged = first;
  damaged.block[damaged.block.size() - 1] ^= 1U;  // a transaction that the header does not commit
  EXPECT_FALSE(verifier.accept(damaged));
  EXPECT_FALSE(verifier.accept(second));  // leaves one out
  auto other_genesis = ledger::test::test_genesis();
  other_genesis.network = "elsewhere";
  PracticeChain elsewhere{other_genesis};
  EXPECT_FALSE(verifier.accept(elsewhere.pay(0, 1)));
  EXPECT_EQ(verifier.point(), point);

  EXPECT_TRUE(verifier.accept(first));
  EXPECT_FALSE(verifier.accept(first));  // twice
}

TEST(BlockVerifier, AfterARefusalItStartsAgainFromWhatWasProved) {
  PracticeChain chain;
  auto verifier = chain.verifier();
  const auto first = chain.pay(0, 1);
  const auto second = chain.pay(0, 2);
  ASSERT_TRUE(verifier.accept(uncertified(first)));
  ASSERT_FALSE(verifier.accept(first));
  EXPECT_EQ(verifier.next_height(), first.height);
  EXPECT_EQ(verifier.accept(uncertified(first))->size(), 0U);
  EXPECT_EQ(verifier.accept(second)->size(), 2U);
}

TEST(BlockVerifier, HoldsABoundedNumberOfUncertifiedBlocks) {
  PracticeChain chain;
  auto verifier = chain.verifier();
  for (std::size_t i = 1; i < kUncertifiedBlocksMax; ++i) {
    ASSERT_TRUE(verifier.accept(uncertified(chain.heartbeat()))) << i;
  }
  EXPECT_FALSE(verifier.accept(uncertified(chain.heartbeat())));
}

TEST(BlockVerifier, AnchorsAtACertifiedBlockOfTheNetworkAlone) {
  PracticeChain chain;
  const BlockVerifier verifier{chain.genesis(), chain.chain()};
  const auto block = chain.pay(0, 1);
  EXPECT_EQ(*verifier.anchor(block), chain.tip());
  EXPECT_FALSE(verifier.anchor(uncertified(block)));
  auto damaged = block;
  damaged.block.pop_back();
  EXPECT_FALSE(verifier.anchor(damaged));
}

}  // namespace
}  // namespace peerpay::api
