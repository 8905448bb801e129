#pragma once
// The whole check of a receipt, with nothing but the genesis (promise P6): the ledger's part and
// the consensus certificate. Offline: no node is asked.

#include "ledger/receipt.h"
#include "wallet/cli/failure.h"
#include "wallet/cli/home.h"

namespace peerpay::wallet::cli {

struct CheckedReceipt {
  ledger::Receipt receipt;
  ledger::TransactionId id;
  std::size_t signers = 0;  // validators whose signatures finalize it
};

// ExitCode::kError with code "receipt_invalid" unless everything holds.
[[nodiscard]] Result<CheckedReceipt> check_whole_receipt(const Network& network,
                                                         base::ByteView bytes);

}  // namespace peerpay::wallet::cli
