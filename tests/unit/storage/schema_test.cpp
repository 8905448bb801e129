#include "node/storage/schema.h"

#include <gtest/gtest.h>

#include <iterator>

#include "tests/support/ledger/ledger_world.h"
#include "tests/unit/storage/records.h"

namespace peerpay::storage {
namespace {

using base::Bytes;
using base::to_hex;
using ledger::Height;

const Position kPosition{Height{0x0102030405060708}, 0x0a0b0c0d};

ledger::AccountId account(std::uint8_t mark) {
  ledger::AccountId out;
  out.bytes.fill(mark);
  return out;
}

TEST(Schema, KeysHaveFrozenBytes) {
  ledger::BlockHash hash;
  hash.bytes.fill(0xcc);
  EXPECT_EQ(to_hex(height_key(Height{0x0102030405060708})), "0102030405060708");
  EXPECT_EQ(to_hex(encode(kPosition)), "01020304050607080a0b0c0d");
  EXPECT_EQ(to_hex(body_key(Height{1}, hash)),
            "0000000000000001"
            "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc");
  EXPECT_EQ(to_hex(history_key(account(0xaa), kPosition)),
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "fefdfcfbfaf9f8f7f5f4f3f2");
}

TEST(Schema, KeysAreReadBack) {
  ledger::BlockHash hash;
  hash.bytes.fill(5);
  EXPECT_EQ(decode_height_key(height_key(Height{7})), Height{7});
  EXPECT_EQ(decode_position(encode(kPosition)), kPosition);
  EXPECT_EQ(decode_body_key(body_key(Height{9}, hash))->height, Height{9});
  EXPECT_EQ(decode_body_key(body_key(Height{9}, hash))->hash, hash);
  EXPECT_EQ(decode_history_key(account(1), history_key(account(1), kPosition)), kPosition);
  EXPECT_EQ(decode_history_key(account(2), history_key(account(1), kPosition)), std::nullopt);
}

TEST(Schema, OtherSizesAreNoKeys) {
  for (const std::size_t size : {0U, 7U, 9U, 11U, 13U, 39U, 41U, 43U, 45U}) {
    const Bytes bytes(size);
    EXPECT_FALSE(decode_height_key(bytes));
    EXPECT_FALSE(decode_position(bytes));
    EXPECT_FALSE(decode_body_key(bytes));
    EXPECT_FALSE(decode_history_key(account(0), bytes));
  }
}

TEST(Schema, HistoryKeysSortNewestFirst) {
  const auto key = [](std::uint64_t height, std::uint32_t index) {
    return history_key(account(1), {Height{height}, index});
  };
  EXPECT_LT(key(2, 0), key(1, 9));
  EXPECT_LT(key(1, 9), key(1, 8));
  EXPECT_LT(key(256, 0), key(255, 0));
}

TEST(Schema, ChainEntriesRoundTripWithAndWithoutCertificate) {
  ChainEntry entry;
  entry.hash.bytes.fill(1);
  entry.header.height = Height{4};
  entry.header.state_root.bytes.fill(2);
  const Bytes bare = encode(entry);
  EXPECT_EQ(decode_chain_entry(bare), entry);
  entry.certificate = test::certificate(consensus::Subject::finalize(test::proposal(4)));
  const Bytes certified = encode(entry);
  EXPECT_EQ(decode_chain_entry(certified), entry);
  for (std::size_t size = 0; size < certified.size(); ++size) {
    if (size == bare.size()) continue;
    EXPECT_FALSE(decode_chain_entry(base::ByteView{certified}.first(size))) << size;
  }
}

TEST(Schema, RowsTellWhereEachTransactionLies) {
  ledger::test::LedgerWorld world;
  std::vector<ledger::SealedTransaction> transactions;
  for (std::uint64_t nonce = 1; nonce <= 130; ++nonce) {
    std::vector<ledger::test::Leg> legs(nonce % 3 + 1, {ledger::test::test_account(1), 1});
    transactions.push_back(ledger::test::sealed(
        world.chain(), ledger::test::payment(world.genesis(), ledger::test::test_account(0),
                                             ledger::Nonce{nonce}, legs)));
  }
  for (const std::ptrdiff_t count : {0, 1, 127, 128, 130}) {
    const ledger::Block block =
        world.propose({transactions.begin(), std::next(transactions.begin(), count)});
    ledger::Overlay overlay{world.state()};
    const auto executed = ledger::execute_block(world.genesis(), world.tip(), block, overlay);
    ASSERT_TRUE(executed);
    const Bytes rows = encode_rows(block, executed->outcomes);
    const Bytes body = ledger::encode(block);
    ASSERT_EQ(count_rows(rows), block.transactions.size());
    ASSERT_EQ(std::ssize(block.transactions), count);
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
      const auto row = decode_row(rows, i);
      ASSERT_TRUE(row);
      EXPECT_EQ(row->outcome, executed->outcomes[i]);
      const auto bytes = base::ByteView{body}.subspan(row->offset, row->size);
      EXPECT_EQ(Bytes(bytes.begin(), bytes.end()), block.transactions[i].bytes);
    }
    EXPECT_FALSE(decode_row(rows, block.transactions.size()));
  }
}

TEST(Schema, CursorsBelongToOneAccount) {
  const std::string cursor = format_cursor(account(1), kPosition);
  EXPECT_EQ(parse_cursor(account(1), cursor), kPosition);
  EXPECT_EQ(parse_cursor(account(2), cursor), std::nullopt);
  EXPECT_EQ(parse_cursor(account(1), ""), std::nullopt);
}

TEST(Schema, SignLogMarksRoundTrip) {
  SignLogMark mark{{}, consensus::View{77}};
  mark.instance.bytes.fill(4);
  EXPECT_EQ(decode_sign_log_mark(encode(mark)), mark);
  EXPECT_FALSE(decode_sign_log_mark(Bytes(23)));
  EXPECT_FALSE(decode_sign_log_mark(Bytes(25)));
}

}  // namespace
}  // namespace peerpay::storage
