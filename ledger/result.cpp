#include "ledger/result.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace peerpay::ledger {
namespace {

using enum TransactionResult;
using ResultClass::kLater;
using ResultClass::kNever;

struct Row {
  TransactionResult result;
  ResultClass class_of_result;
  std::string_view code;
  std::string_view sentence;
};

constexpr Row kRows[] = {
    {kApplied, ResultClass::kApplied, "applied", "The transaction was applied."},
    {kMalformed, kNever, "malformed", "The bytes are not the canonical form of a transaction."},
    {kVersionUnsupported, kNever, "version_unsupported",
     "This version of transactions is not supported."},
    {kChainIdWrong, kNever, "chain_id_wrong", "The transaction was made for another network."},
    {kOperationsEmpty, kNever, "operations_empty", "The transaction holds no operation."},
    {kNonceZero, kNever, "nonce_zero", "A nonce must be above zero."},
    {kAmountZero, kNever, "amount_zero", "A payment must have an amount above zero."},
    {kPayeeIsSender, kNever, "payee_is_sender", "The sender cannot pay itself."},
    {kSponsorIsSender, kNever, "sponsor_is_sender",
     "The sponsor must be another account than the sender."},
    {kAmountOverflow, kNever, "amount_overflow",
     "The payments in one asset add up to more than its largest possible supply."},
    {kSignatureMissing, kNever, "signature_missing",
     "There must be one signature by the sender and, if there is a sponsor, one by the sponsor."},
    {kSignatureInvalid, kNever, "signature_invalid",
     "A signature does not belong to this transaction and its signer."},
    {kAssetUnknown, kNever, "asset_unknown", "A payment is in an asset that does not exist here."},
    {kFeeAssetUnknown, kNever, "fee_asset_unknown",
     "The fee is offered in an asset that does not exist here."},
    {kFeeTooLow, kNever, "fee_too_low", "The fee offered is below what the network charges."},
    {kExpired, kNever, "expired",
     "The transaction's time limit has passed; it can never be applied."},
    {kSenderUnknown, kLater, "sender_unknown", "The sender's account has not received anything."},
    {kSponsorUnknown, kLater, "sponsor_unknown",
     "The sponsor's account has not received anything."},
    {kNonceUsed, kNever, "nonce_used", "The sender has used this nonce already."},
    {kNonceTooOld, kNever, "nonce_too_old",
     "The nonce is too far below the highest nonce that the sender has used."},
    {kNonceTooFarAhead, kLater, "nonce_too_far_ahead",
     "The nonce is too far above the highest nonce that the sender has used."},
    {kFundsInsufficient, kLater, "funds_insufficient",
     "The sender's balance does not cover the payments and the fee."},
    {kSponsorFundsInsufficient, kLater, "sponsor_funds_insufficient",
     "The sponsor's balance does not cover the fee."},
    {kBalanceOverflow, kLater, "balance_overflow",
     "A balance would rise above the largest possible supply."},
    {kPayeeInvalid, kNever, "payee_invalid",
     "A payee is no valid public key: nobody could ever spend the money."},
};

constexpr bool by_result(const Row& a, const Row& b) { return a.result < b.result; }
static_assert(std::is_sorted(std::begin(kRows), std::end(kRows), by_result));

const Row* find_row(TransactionResult result) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [result](const Row& each) { return each.result == result; });
  return row == std::end(kRows) ? nullptr : row;
}

const Row& row_of(TransactionResult result) {
  const Row* row = find_row(result);
  PEERPAY_CHECK(row != nullptr, "every TransactionResult has a row");
  return *row;
}

}  // namespace

ResultClass result_class(TransactionResult result) { return row_of(result).class_of_result; }

std::string_view code(TransactionResult result) { return row_of(result).code; }

std::string_view sentence(TransactionResult result) { return row_of(result).sentence; }

std::optional<TransactionResult> result_from(std::uint16_t value) {
  const Row* row = find_row(static_cast<TransactionResult>(value));
  if (row == nullptr) return std::nullopt;
  return row->result;
}

}  // namespace peerpay::ledger
