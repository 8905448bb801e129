#include "ledger/transaction.h"

#include <gtest/gtest.h>

#include "ledger/limits.h"
#include "tests/support/ledger/codec_check.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::ledger {
namespace {

using base::DecodeError;
using enum TransactionResult;

AccountId filled_account(std::uint8_t byte) {
  AccountId id;
  id.bytes.fill(byte);
  return id;
}

ChainId filled_chain(std::uint8_t byte) {
  ChainId chain;
  chain.bytes.fill(byte);
  return chain;
}

base::Bytes bytes_of(std::string_view text) {
  const auto view = base::as_bytes(text);
  return {view.begin(), view.end()};
}

// Every optional part is there.
Transaction full() {
  Transaction body;
  body.sender = filled_account(0x11);
  body.sponsor = filled_account(0x22);
  body.nonce = {0x0102030405060708};
  body.valid_until = {1'700'000'060'000};
  body.fee = {{1}, Amount{20}};
  body.operations.emplace_back(
      Pay{filled_account(0x33), 7, {2}, Amount{1250}, bytes_of("INV-1"), bytes_of("thanks")});
  body.operations.emplace_back(Pay{filled_account(0x44), std::nullopt, {0}, Amount{1}, {}, {}});
  return body;
}

SignedTransaction full_signed() {
  SignedTransaction out{full(), std::vector<crypto::Signature>(2)};
  out.signatures[0].bytes.fill(0xaa);
  out.signatures[1].bytes.fill(0xbb);
  return out;
}

constexpr const char* kFullHex =
    "01"
    "1111111111111111111111111111111111111111111111111111111111111111"
    "012222222222222222222222222222222222222222222222222222222222222222"
    "0807060504030201"
    "6052e6cf8b010000"
    "010000001400000000000000"
    "02"
    "00"
    "3333333333333333333333333333333333333333333333333333333333333333"
    "010700000000000000"
    "02000000e204000000000000"
    "05494e562d31"
    "067468616e6b73"
    "00"
    "4444444444444444444444444444444444444444444444444444444444444444"
    "00"
    "000000000100000000000000"
    "00"
    "00";

TEST(TransactionCodec, HasTheDocumentedBytes) { EXPECT_EQ(base::to_hex(encode(full())), kFullHex); }

TEST(TransactionCodec, IsStrict) {
  EXPECT_EQ(test::codec_defect(encode(full()), decode_transaction), "");
  EXPECT_EQ(test::codec_defect(encode(Transaction{}), decode_transaction), "");
  EXPECT_EQ(test::codec_defect(encode(full_signed()), decode_signed_transaction), "");
}

TEST(TransactionCodec, RefusesWhatIsAboveALimit) {
  const auto error_of = [](const SignedTransaction& transaction) {
    const auto decoded = decode_signed_transaction(encode(transaction));
    return decoded ? DecodeError{} : decoded.error();
  };
  auto transaction = full_signed();
  auto& pay = std::get<Pay>(transaction.body.operations[0]);
  pay.reference.resize(kReferenceBytesMax);
  pay.memo.resize(kMemoBytesMax);
  EXPECT_EQ(error_of(transaction), DecodeError{});
  pay.reference.resize(kReferenceBytesMax + 1);
  EXPECT_EQ(error_of(transaction), DecodeError::kTooLong);
  pay.reference.clear();
  pay.memo.resize(kMemoBytesMax + 1);
  EXPECT_EQ(error_of(transaction), DecodeError::kTooLong);
  pay.memo.clear();
  transaction.body.operations.resize(kOperationsMax);
  EXPECT_EQ(error_of(transaction), DecodeError{});
  transaction.body.operations.resize(kOperationsMax + 1);
  EXPECT_EQ(error_of(transaction), DecodeError::kTooLong);
  transaction.body.operations.resize(1);
  transaction.signatures.resize(kSignaturesMax + 1);
  EXPECT_EQ(error_of(transaction), DecodeError::kTooLong);
}

TEST(TransactionCodec, TheLargestAndTheSmallestHaveTheSizesOfTheLimits) {
  SignedTransaction transaction;
  EXPECT_EQ(encode(transaction).size(), kSignedTransactionBytesMin);
  transaction.body = full();
  auto& pay = std::get<Pay>(transaction.body.operations[0]);
  pay.reference.resize(kReferenceBytesMax);
  pay.memo.resize(kMemoBytesMax);
  const Operation largest = pay;
  transaction.body.operations.assign(kOperationsMax, largest);
  transaction.signatures.resize(kSignaturesMax);
  EXPECT_EQ(encode(transaction).size(), kSignedTransactionBytesMax);
}

TEST(TransactionCodec, RefusesAnUnknownOperation) {
  auto bytes = *base::from_hex(kFullHex);
  const std::size_t variant = 1 + 32 + 33 + 8 + 8 + 12 + 1;
  ASSERT_EQ(bytes[variant], 0);
  bytes[variant] = 1;
  const auto decoded = decode_transaction(bytes);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), DecodeError::kVariantUnknown);
}

TEST(TransactionId, IsFixedForFixedBytes) {
  EXPECT_EQ(base::to_hex(transaction_id(filled_chain(0x55), full()).view()),
            "352ba653da502a7270b62e11c4d01fd9be0593d9436d664a71b3e74d43bc121f");
  EXPECT_EQ(base::to_hex(seal(filled_chain(0x55), full_signed()).leaf.view()),
            "8f09b3dfee4bc46ff5f72c2f2b850c6b929ba7ce468a6864d967ea6df5d5729c");
}

TEST(TransactionId, DependsOnChainAndBodyButNotOnSignatures) {
  const auto chain = filled_chain(0x55);
  auto transaction = full_signed();
  const auto first = seal(chain, transaction);
  EXPECT_EQ(first.id, transaction_id(chain, transaction.body));
  EXPECT_NE(first.id, seal(filled_chain(0x56), transaction).id);
  transaction.signatures[1].bytes[63] ^= 1;
  const auto second = seal(chain, transaction);
  EXPECT_EQ(second.id, first.id);
  EXPECT_NE(second.leaf, first.leaf);
  transaction.body.nonce = transaction.body.nonce.next();
  EXPECT_NE(seal(chain, transaction).id, first.id);
}

TEST(Seal, OfBytesAndOfValuesIsTheSame) {
  const auto from_value = seal(filled_chain(0x55), full_signed());
  const auto from_bytes = seal(filled_chain(0x55), encode(full_signed()));
  ASSERT_TRUE(from_bytes);
  EXPECT_EQ(from_bytes->transaction, from_value.transaction);
  EXPECT_EQ(from_bytes->bytes, from_value.bytes);
  EXPECT_EQ(from_bytes->id, from_value.id);
  EXPECT_EQ(from_bytes->leaf, from_value.leaf);
  EXPECT_FALSE(seal(filled_chain(0x55), base::Bytes{}));
}

TEST(Signatures, OfSenderAndSponsorAreNeededInThisOrder) {
  const auto genesis = test::test_genesis();
  const auto chain = filled_chain(0x55);
  auto body = test::payment(genesis, test::test_account(0), {1}, {{test::test_account(1), 5}});
  EXPECT_EQ(verify_signatures(test::signed_by(chain, body, {0})), kApplied);
  EXPECT_EQ(verify_signatures(test::signed_by(chain, body, {1})), kSignatureInvalid);
  EXPECT_EQ(verify_signatures(test::signed_by(chain, body, {})), kSignatureMissing);
  EXPECT_EQ(verify_signatures(test::signed_by(chain, body, {0, 0})), kSignatureMissing);
  body.sponsor = test::test_account(2);
  EXPECT_EQ(verify_signatures(test::signed_by(chain, body, {0, 2})), kApplied);
  EXPECT_EQ(verify_signatures(test::signed_by(chain, body, {2, 0})), kSignatureInvalid);
  EXPECT_EQ(verify_signatures(test::signed_by(chain, body, {0, 1})), kSignatureInvalid);
  EXPECT_EQ(verify_signatures(test::signed_by(chain, body, {0})), kSignatureMissing);
}

TEST(Signatures, DoNotMoveToAnotherBodyOrChain) {
  const auto genesis = test::test_genesis();
  const auto body =
      test::payment(genesis, test::test_account(0), {1}, {{test::test_account(1), 5}});
  const auto signed_here = test::signed_by(filled_chain(0x55), body, {0});
  EXPECT_EQ(verify_signatures(seal(filled_chain(0x56), signed_here.transaction)),
            kSignatureInvalid);
  auto other = signed_here.transaction;
  other.body.nonce = other.body.nonce.next();
  EXPECT_EQ(verify_signatures(seal(filled_chain(0x55), other)), kSignatureInvalid);
}

}  // namespace
}  // namespace peerpay::ledger
