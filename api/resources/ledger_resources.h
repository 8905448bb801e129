#pragma once
// What anybody may read of the ledger, and the way in for signed transactions.

#include "api/resources/operation.h"

namespace peerpay::api {

void add_transactions(Operations& operations);
void add_accounts(Operations& operations);
void add_assets(Operations& operations);
void add_ledger(Operations& operations);

// An answer that a node could not give, as a problem. `subject`: "transaction", for what is
// missing.
[[nodiscard]] Problem problem_of(const proto::NodeError& error, std::string_view subject);

}  // namespace peerpay::api
