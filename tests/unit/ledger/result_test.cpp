#include "ledger/result.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace peerpay::ledger {
namespace {

using enum TransactionResult;

struct FrozenRow {
  TransactionResult result;
  std::uint16_t value;
  ResultClass class_of_result;
  const char* code;
};

// Sent to clients: a change of this table breaks them.
const FrozenRow kFrozen[] = {
    {kApplied, 0, ResultClass::kApplied, "applied"},
    {kMalformed, 1, ResultClass::kNever, "malformed"},
    {kVersionUnsupported, 2, ResultClass::kNever, "version_unsupported"},
    {kChainIdWrong, 3, ResultClass::kNever, "chain_id_wrong"},
    {kOperationsEmpty, 4, ResultClass::kNever, "operations_empty"},
    {kNonceZero, 5, ResultClass::kNever, "nonce_zero"},
    {kAmountZero, 6, ResultClass::kNever, "amount_zero"},
    {kPayeeIsSender, 7, ResultClass::kNever, "payee_is_sender"},
    {kSponsorIsSender, 8, ResultClass::kNever, "sponsor_is_sender"},
    {kAmountOverflow, 9, ResultClass::kNever, "amount_overflow"},
    {kSignatureMissing, 10, ResultClass::kNever, "signature_missing"},
    {kSignatureInvalid, 11, ResultClass::kNever, "signature_invalid"},
    {kAssetUnknown, 20, ResultClass::kNever, "asset_unknown"},
    {kFeeAssetUnknown, 21, ResultClass::kNever, "fee_asset_unknown"},
    {kFeeTooLow, 22, ResultClass::kNever, "fee_too_low"},
    {kExpired, 30, ResultClass::kNever, "expired"},
    {kSenderUnknown, 31, ResultClass::kLater, "sender_unknown"},
    {kSponsorUnknown, 32, ResultClass::kLater, "sponsor_unknown"},
    {kNonceUsed, 33, ResultClass::kNever, "nonce_used"},
    {kNonceTooOld, 34, ResultClass::kNever, "nonce_too_old"},
    {kNonceTooFarAhead, 35, ResultClass::kLater, "nonce_too_far_ahead"},
    {kFundsInsufficient, 36, ResultClass::kLater, "funds_insufficient"},
    {kSponsorFundsInsufficient, 37, ResultClass::kLater, "sponsor_funds_insufficient"},
    {kBalanceOverflow, 38, ResultClass::kLater, "balance_overflow"},
    {kPayeeInvalid, 39, ResultClass::kNever, "payee_invalid"},
};

TEST(Result, NumbersClassesAndCodesAreFrozen) {
  for (const auto& row : kFrozen) {
    EXPECT_EQ(static_cast<std::uint16_t>(row.result), row.value);
    EXPECT_EQ(result_class(row.result), row.class_of_result) << row.code;
    EXPECT_EQ(code(row.result), row.code);
    EXPECT_EQ(result_from(row.value), row.result);
  }
}

TEST(Result, NoOtherNumberIsAResult) {
  std::set<std::uint16_t> values;
  for (const auto& row : kFrozen) values.insert(row.value);
  for (std::uint32_t value = 0; value <= UINT16_MAX; ++value) {
    const auto number = static_cast<std::uint16_t>(value);
    EXPECT_EQ(result_from(number).has_value(), values.contains(number)) << value;
  }
}

TEST(Result, EachHasASentenceOfItsOwn) {
  std::set<std::string_view> sentences;
  for (const auto& row : kFrozen) {
    const auto text = sentence(row.result);
    EXPECT_TRUE(text.ends_with('.')) << row.code;
    EXPECT_TRUE(sentences.insert(text).second) << row.code;
  }
}

}  // namespace
}  // namespace peerpay::ledger
