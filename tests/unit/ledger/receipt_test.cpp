#include "ledger/receipt.h"

#include <gtest/gtest.h>

#include "ledger/limits.h"
#include "tests/support/ledger/codec_check.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::ledger {
namespace {

const base::Bytes kCertificate{1, 2, 3};

// Five payments in block 1 and two empty blocks above it.
class Receipts : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<SealedTransaction> payments;
    for (std::uint32_t i = 0; i < 5; ++i) {
      const auto body = test::payment(world_.genesis(), test::test_account(i), {1},
                                      {{test::test_account(i + 1), 100}});
      payments.push_back(test::signed_by(world_.chain(), body, {i}));
    }
    block_ = world_.propose(payments);
    auto executed = world_.accept(block_);
    ASSERT_TRUE(executed);
    outcomes_ = executed->outcomes;
    for (int i = 0; i < 2; ++i) {
      const auto empty = world_.propose({});
      ASSERT_TRUE(world_.accept(empty));
      descendants_.push_back(empty.header);
    }
  }
  Receipt receipt_of(std::uint32_t index) const {
    return make_receipt({block_, outcomes_, descendants_, kCertificate}, index);
  }
  ReceiptError error_of(const Receipt& receipt) const {
    const auto checked = check_receipt(world_.chain(), receipt);
    EXPECT_FALSE(checked);
    return checked ? ReceiptError{} : checked.error();
  }

  test::LedgerWorld world_;
  Block block_;
  std::vector<Outcome> outcomes_;
  std::vector<BlockHeader> descendants_;
};

TEST_F(Receipts, NameTheBlockThatMustBeFinalized) {
  for (std::uint32_t i = 0; i < 5; ++i) {
    const auto checked = check_receipt(world_.chain(), receipt_of(i));
    ASSERT_TRUE(checked) << sentence(checked.error());
    EXPECT_EQ(*checked, block_hash(descendants_.back()));
  }
  const auto own = make_receipt({block_, outcomes_, {}, kCertificate}, 3);
  const auto checked = check_receipt(world_.chain(), own);
  ASSERT_TRUE(checked);
  EXPECT_EQ(*checked, block_hash(block_.header));
}

TEST_F(Receipts, SurviveTheirCodec) {
  const auto receipt = receipt_of(2);
  EXPECT_EQ(test::codec_defect(encode(receipt), decode_receipt), "");
  const auto decoded = decode_receipt(encode(receipt));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, receipt);
  EXPECT_EQ(test::codec_defect(encode(receipt.outcome), decode_outcome), "");
}

TEST_F(Receipts, AreRefusedForTheirOwnReason) {
  auto receipt = receipt_of(2);
  receipt.chain[1].chain.bytes[0] ^= 1;
  EXPECT_EQ(error_of(receipt), ReceiptError::kChainWrong);
  receipt = receipt_of(2);
  receipt.outcome.id.bytes[0] ^= 1;
  EXPECT_EQ(error_of(receipt), ReceiptError::kTransactionMismatch);
  receipt = receipt_of(2);
  receipt.transaction = receipt_of(3).transaction;
  EXPECT_EQ(error_of(receipt), ReceiptError::kTransactionMismatch);
  receipt = receipt_of(2);
  receipt.transaction.signatures[0].bytes[5] ^= 1;
  EXPECT_EQ(error_of(receipt), ReceiptError::kSignatureInvalid);
  receipt = receipt_of(2);
  receipt.transaction.signatures.clear();
  EXPECT_EQ(error_of(receipt), ReceiptError::kSignatureInvalid);
  receipt = receipt_of(2);
  receipt.outcome.fee_charged = Amount{0};
  EXPECT_EQ(error_of(receipt), ReceiptError::kPathInvalid);
  receipt = receipt_of(2);
  receipt.path.pop_back();
  EXPECT_EQ(error_of(receipt), ReceiptError::kPathInvalid);
  receipt = receipt_of(2);
  std::swap(receipt.chain[1], receipt.chain[2]);
  EXPECT_EQ(error_of(receipt), ReceiptError::kHeadersBroken);
  receipt = receipt_of(2);
  receipt.chain.back().height = {9};
  EXPECT_EQ(error_of(receipt), ReceiptError::kHeadersBroken);
  receipt = receipt_of(2);
  receipt.chain.clear();
  EXPECT_EQ(error_of(receipt), ReceiptError::kHeadersBroken);
  receipt = receipt_of(2);
  receipt.certificate.clear();
  EXPECT_EQ(error_of(receipt), ReceiptError::kCertificateMissing);
}

// Whatever one changes, the receipt is refused, or it is a receipt of another certificate or of a
// newest header that no certificate names.
TEST_F(Receipts, StandAgainstEveryFlippedBit) {
  const auto receipt = receipt_of(1);
  const auto bytes = encode(receipt);
  const auto newest = block_hash(descendants_.back());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto flipped = bytes;
    flipped[i] ^= 1;
    const auto decoded = decode_receipt(flipped);
    if (!decoded || decoded->certificate != receipt.certificate) continue;
    const auto checked = check_receipt(world_.chain(), *decoded);
    if (checked) {
      EXPECT_NE(*checked, newest) << "byte " << i;
    }
  }
}

TEST(ReceiptErrors, EachHasASentence) {
  for (std::uint8_t value = 1; value <= 6; ++value) {
    EXPECT_TRUE(sentence(static_cast<ReceiptError>(value)).ends_with('.'));
  }
}

TEST(OutcomeCodec, HasTheDocumentedBytes) {
  Outcome outcome;
  outcome.id.bytes.fill(0x11);
  outcome.fee_asset = {2};
  outcome.fee_charged = Amount{14};
  EXPECT_EQ(base::to_hex(encode(outcome)),
            "1111111111111111111111111111111111111111111111111111111111111111"
            "0000"
            "02000000"
            "0e00000000000000");
}

TEST(OutcomeCodec, RefusesResultsThatDoNotExist) {
  auto bytes = encode(Outcome{});
  bytes[32] = 15;
  const auto decoded = decode_outcome(bytes);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), base::DecodeError::kValueInvalid);
}

}  // namespace
}  // namespace peerpay::ledger
