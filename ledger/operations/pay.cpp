#include "ledger/operations/pay.h"

#include "ledger/limits.h"

namespace peerpay::ledger {

bool is_within_limits(const Pay& pay) {
  return pay.reference.size() <= kReferenceBytesMax && pay.memo.size() <= kMemoBytesMax;
}

TransactionResult check_pay_static(const AccountId& sender, const Pay& pay) {
  if (pay.amount.is_zero()) return TransactionResult::kAmountZero;
  if (pay.payee == sender) return TransactionResult::kPayeeIsSender;
  return TransactionResult::kApplied;
}

TransactionResult check_pay_genesis(const Genesis& genesis, const Pay& pay) {
  if (genesis.asset(pay.asset) == nullptr) return TransactionResult::kAssetUnknown;
  return TransactionResult::kApplied;
}

void post_pay(const AccountId& sender, const Pay& pay, Postings& postings) {
  postings.debit(sender, pay.asset, pay.amount);
  postings.credit(pay.payee, pay.asset, pay.amount);
}

}  // namespace peerpay::ledger
