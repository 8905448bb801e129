#pragma once
// What anybody may read of the ledger, and the way in for signed transactions.

#include "api/resources/operation.h"

namespace peerpay::api {

// Bodies of POST /v1/transactions, the only ones above 64 KiB (http H10).
inline constexpr std::string_view kTransactionsPath = "/v1/transactions";
inline constexpr std::size_t kTransactionBodyBytesMax = 480 * 1024;

void add_transactions(Operations& operations);
void add_accounts(Operations& operations);
void add_assets(Operations& operations);
void add_ledger(Operations& operations);

// An answer that a node could not give, as a problem. `subject`: "transaction", for what is
// missing.
[[nodiscard]] Problem problem_of(const proto::NodeError& error, std::string_view subject);

}  // namespace peerpay::api
