#pragma once
// The rule of Pay: money moves from the sender to one payee (spec: ledger L20 to L22).

#include "ledger/genesis.h"
#include "ledger/ids.h"
#include "ledger/postings.h"
#include "ledger/result.h"
#include "ledger/transaction.h"

namespace peerpay::ledger {

// False for a value made here that no decoder would have let in.
[[nodiscard]] bool is_within_limits(const Pay& pay);
// kApplied, kAmountZero or kPayeeIsSender.
[[nodiscard]] TransactionResult check_pay_static(const AccountId& sender, const Pay& pay);
// kApplied or kAssetUnknown.
[[nodiscard]] TransactionResult check_pay_genesis(const Genesis& genesis, const Pay& pay);
void post_pay(const AccountId& sender, const Pay& pay, Postings& postings);

}  // namespace peerpay::ledger
