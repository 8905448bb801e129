#include "ledger/block.h"

#include <gtest/gtest.h>

#include "crypto/merkle.h"
#include "ledger/limits.h"
#include "tests/support/ledger/codec_check.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::ledger {
namespace {

BlockHeader sample_header() {
  BlockHeader header;
  header.chain.bytes.fill(0x01);
  header.height = {0x0203};
  header.view = 0x0405;
  header.proposer = 6;
  header.parent.bytes.fill(0x07);
  header.timestamp = {1'700'000'000'123};
  header.transaction_count = 9;
  header.transactions_root.bytes.fill(0x0a);
  header.receipts_root.bytes.fill(0x0b);
  header.state_root.bytes.fill(0x0c);
  return header;
}

TEST(BlockHeaderCodec, HasTheDocumentedBytes) {
  EXPECT_EQ(base::to_hex(encode(sample_header())),
            "01"
            "0101010101010101010101010101010101010101010101010101010101010101"
            "0302000000000000"
            "0504000000000000"
            "06000000"
            "0707070707070707070707070707070707070707070707070707070707070707"
            "7b68e5cf8b010000"
            "09000000"
            "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"
            "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
            "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c");
  EXPECT_EQ(encode(sample_header()).size(), kBlockHeaderBytes);
  EXPECT_EQ(base::to_hex(block_hash(sample_header()).view()),
            "ae4ba3f86f39bd5dd3001cf718c2a2ae54afc6372f1b9606971136e96f8d8f46");
}

TEST(BlockHeaderCodec, IsStrict) {
  EXPECT_EQ(test::codec_defect(encode(sample_header()), decode_block_header), "");
}

TEST(BlockHash, DependsOnEveryByteOfTheHeader) {
  const auto bytes = encode(sample_header());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto other = bytes;
    other[i] ^= 0x80;
    const auto decoded = decode_block_header(other);
    ASSERT_TRUE(decoded);
    EXPECT_NE(block_hash(*decoded), block_hash(sample_header())) << i;
  }
}

class BlockCodec : public ::testing::Test {
 protected:
  Block block_of(std::size_t transactions) {
    std::vector<SealedTransaction> candidates;
    for (std::size_t i = 0; i < transactions; ++i) {
      const auto body = test::payment(world_.genesis(), test::test_account(0), {i + 1},
                                      {{test::test_account(1), 1}});
      candidates.push_back(test::sealed(world_.chain(), body));
    }
    return world_.propose(candidates);
  }
  test::LedgerWorld world_;
};

TEST_F(BlockCodec, ReadsWhatItWrites) {
  for (const auto count : {0UL, 1UL, 2UL, 7UL}) {
    const auto block = block_of(count);
    ASSERT_EQ(block.transactions.size(), count);
    const auto decoded = decode_block(encode(block));
    ASSERT_TRUE(decoded) << base::name(decoded.error());
    EXPECT_EQ(decoded->header, block.header);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(decoded->transactions[i].transaction, block.transactions[i].transaction);
      EXPECT_EQ(decoded->transactions[i].bytes, block.transactions[i].bytes);
      EXPECT_EQ(decoded->transactions[i].id, block.transactions[i].id);
      EXPECT_EQ(decoded->transactions[i].leaf, block.transactions[i].leaf);
    }
  }
}

TEST_F(BlockCodec, IsStrict) {
  EXPECT_EQ(test::codec_defect(encode(block_of(2)), decode_block), "");
}

TEST_F(BlockCodec, RefusesABodyThatTheHeaderDoesNotCommitTo) {
  const auto block = block_of(3);
  const auto expect_invalid = [](const Block& changed) {
    const auto decoded = decode_block(encode(changed));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error(), base::DecodeError::kValueInvalid);
  };
  auto swapped = block;
  std::swap(swapped.transactions[0], swapped.transactions[1]);
  expect_invalid(swapped);
  auto shorter = block;
  shorter.transactions.pop_back();
  expect_invalid(shorter);
  auto miscounted = block;
  ++miscounted.header.transaction_count;
  expect_invalid(miscounted);
  auto resigned = block;
  auto transaction = resigned.transactions[0].transaction;
  transaction.signatures[0].bytes[0] ^= 1;
  resigned.transactions[0] = seal(world_.chain(), transaction);
  expect_invalid(resigned);
}

TEST_F(BlockCodec, RefusesWhatIsTooLarge) {
  const base::Bytes bytes(kBlockBytesMax + 1);
  const auto decoded = decode_block(bytes);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), base::DecodeError::kTooLong);

  base::Bytes many = encode(sample_header());
  many.insert(many.end(), {0x81, 0x80, 0x01});  // 16,385
  many.resize(kBlockBytesMax);
  const auto counted = decode_block(many);
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error(), base::DecodeError::kTooLong);
}

TEST_F(BlockCodec, BodySizeIsTheSumOfTheTransactions) {
  const auto block = block_of(3);
  EXPECT_EQ(body_size(block.transactions) + kBlockHeaderBytes + 1, encode(block).size());
  EXPECT_EQ(body_size({}), 0U);
}

TEST(GenesisHeader, StandsForTheGenesis) {
  const auto genesis = test::test_genesis();
  StateRoot root;
  root.bytes.fill(0x42);
  const auto header = genesis_header(chain_id(genesis), genesis.timestamp, root);
  EXPECT_EQ(header.chain, chain_id(genesis));
  EXPECT_EQ(header.height, Height{0});
  EXPECT_EQ(header.timestamp, genesis.timestamp);
  EXPECT_EQ(header.state_root, root);
  EXPECT_TRUE(header.parent.is_zero());
  EXPECT_EQ(header.transactions_root, transactions_root_of({}));
  EXPECT_EQ(header.receipts_root, receipts_root_of({}));
}

}  // namespace
}  // namespace peerpay::ledger
