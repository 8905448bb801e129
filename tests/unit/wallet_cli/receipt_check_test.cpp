#include "wallet/cli/receipt_check.h"

#include <gtest/gtest.h>

#include "consensus/messages.h"
#include "tests/unit/wallet_cli/paid_network.h"

namespace peerpay::wallet::cli {
namespace {

class ReceiptCheck : public testing::Test {
 protected:
  void expect_invalid(const ledger::Receipt& receipt) {
    const auto checked = check_whole_receipt(network_, encode(receipt));
    ASSERT_FALSE(checked.has_value());
    EXPECT_EQ(checked.error().code, "receipt_invalid");
  }

  // The receipt with its certificate changed by `change`.
  template <class Change>
  ledger::Receipt with_certificate(Change change) {
    auto receipt = *ledger::decode_receipt(receipt_);
    auto certificate = *consensus::decode_certificate(receipt.certificate);
    change(certificate);
    receipt.certificate = encode(certificate);
    return receipt;
  }

  PaidNetwork paid_{{1}};
  test::PracticeNode& node_ = paid_.node;
  const Network& network_ = paid_.network;
  const ledger::SealedTransaction& payment_ = paid_.payment;
  base::Bytes receipt_ = *node_.receipt(payment_.id);
};

TEST_F(ReceiptCheck, AcceptsAFinalPayment) {
  const auto checked = check_whole_receipt(network_, receipt_);
  ASSERT_TRUE(checked.has_value()) << checked.error().message;
  EXPECT_EQ(checked->id, payment_.id);
  EXPECT_EQ(checked->signers, 3U);
}

TEST_F(ReceiptCheck, NoByteCanChange) {
  for (std::size_t i = 0; i < receipt_.size(); ++i) {
    auto changed = receipt_;
    changed[i] ^= 1;
    EXPECT_FALSE(check_whole_receipt(network_, changed).has_value()) << "byte " << i;
  }
}

TEST_F(ReceiptCheck, NeedsTheNetworkItWasMadeOn) {
  auto other = network_.genesis;
  other.timestamp.value += 1;
  EXPECT_FALSE(check_whole_receipt({other, ledger::chain_id(other)}, receipt_).has_value());
}

// Signed by a quorum, about the right block, and still no proof: a notarized block may be
// abandoned.
TEST_F(ReceiptCheck, ANotarizationIsNoFinalization) {
  auto receipt = *ledger::decode_receipt(receipt_);
  receipt.certificate =
      test::certificate_of(network_.genesis, receipt.chain.back(), consensus::VoteKind::kNotarize);
  expect_invalid(receipt);
  receipt.certificate =
      test::certificate_of(network_.genesis, receipt.chain.back(), consensus::VoteKind::kFinalize);
  EXPECT_TRUE(check_whole_receipt(network_, encode(receipt)).has_value());
}

TEST_F(ReceiptCheck, TheCertificateIsOfThePaymentsBlock) {
  auto receipt = *ledger::decode_receipt(receipt_);
  auto other = receipt.chain.back();
  other.view += 1;
  receipt.certificate =
      test::certificate_of(network_.genesis, other, consensus::VoteKind::kFinalize);
  expect_invalid(receipt);
}

TEST_F(ReceiptCheck, AQuorumIsNeeded) {
  expect_invalid(with_certificate([](consensus::Certificate& certificate) {
    certificate.signers[0] = 0b011;
    certificate.signatures.pop_back();
  }));
}

TEST_F(ReceiptCheck, TheValidatorsAreThoseOfTheGenesis) {
  auto others = network_.genesis;
  std::swap(others.validators[0].key, others.validators[1].key);
  EXPECT_FALSE(check_whole_receipt({others, network_.chain}, receipt_).has_value());
}

}  // namespace
}  // namespace peerpay::wallet::cli
