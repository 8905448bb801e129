#pragma once
// Proof of how a payment ended, with nothing but the genesis: a node may say what it likes (spec:
// wallet W12, W13).

#include <functional>
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

// A payment that this wallet knows to be final with the nonce, if there is one: where to look for
// the proof when the node's history has grown too long to find it.
using KnownUser = std::function<std::optional<ledger::TransactionId>()>;

// Asks the node for proofs and checks them. Empty when they show that it has no end yet: the nonce
// is unused, and the time limit not over. An error says nothing about the payment: the node was
// silent, or did not prove what it says.
[[nodiscard]] Answer<std::optional<ProvedEnd>> prove_end(NodeClient& node, const Network& network,
                                                         const ledger::SealedTransaction& payment,
                                                         const KnownUser& known_user);

}  // namespace peerpay::wallet::cli
