#pragma once
// The JSON of what the ledger holds: transactions, accounts, assets, blocks.

#include <optional>
#include <string>

#include "api/core/problem.h"
#include "base/json/json.h"
#include "ledger/genesis.h"
#include "ledger/transaction.h"
#include "proto/client/node_api.h"

namespace peerpay::api {

[[nodiscard]] std::string address_text(const ledger::Genesis& genesis,
                                       const ledger::AccountId& account);
// `bytes`: BCS SignedTransaction; what can be read of a transaction when it is empty is little.
[[nodiscard]] json::Json transaction_json(const ledger::Genesis& genesis,
                                          const proto::TransactionStatus& status);
// A final one, from the history of an account.
[[nodiscard]] json::Json transaction_json(const ledger::Genesis& genesis,
                                          const proto::HistoryEntry& entry);
[[nodiscard]] json::Json account_json(const ledger::Genesis& genesis,
                                      const proto::AccountSnapshot& snapshot);
[[nodiscard]] json::Json asset_json(const ledger::Genesis& genesis, ledger::AssetId id);

// Why a node does not take a transaction. REQUIRES: its state is kRejected or kExpired.
[[nodiscard]] Problem refusal_of(const proto::TransactionStatus& status);

}  // namespace peerpay::api
