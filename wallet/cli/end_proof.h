#pragma once
// Proof of how a payment ended, with nothing but the genesis: a node may say what it likes (spec:
// wallet W12, W13).

#include <optional>

#include "ledger/transaction.h"
#include "wallet/cli/home.h"
#include "wallet/cli/node_client.h"
#include "wallet/cli/receipt_check.h"

namespace peerpay::wallet::cli {

// The ledger has used the nonce, or says so: of this payment, or of the one that took its place.
[[nodiscard]] bool is_nonce_gone(ledger::TransactionResult result);

struct ProvedEnd {
  // The payment that used the nonce: this one, which then is final, or another, so that this one
  // can never be applied. Empty when the time limit has passed and nobody used it.
  std::optional<CheckedReceipt> nonce_user;
};

// Asks the node for proofs and checks them. Empty when there is none, which says nothing about the
// payment: it may have no end yet, or the node may not want to tell.
[[nodiscard]] std::optional<ProvedEnd> prove_end(NodeClient& node, const Network& network,
                                                 const ledger::SealedTransaction& payment);

}  // namespace peerpay::wallet::cli
