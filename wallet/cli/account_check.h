#pragma once
// The whole check of an account's proof, with nothing but the genesis. Offline: no node is asked.

#include <optional>

#include "base/time.h"
#include "ledger/account.h"
#include "ledger/ids.h"
#include "proto/client/node_api.h"
#include "wallet/cli/home.h"

namespace peerpay::wallet::cli {

// An account as a finalized block, or the genesis, left it. Who has no record has used no nonce.
struct CheckedAccount {
  ledger::NonceWindow nonces;
  base::UnixMillis timestamp;  // of that block
};

// Empty unless everything holds: the record's presence or absence under the first header's state
// root, the links between the headers, and a finalization certificate of the last one. The header
// of the genesis needs none of that: no account has used a nonce there.
[[nodiscard]] std::optional<CheckedAccount> check_account(const Network& network,
                                                          const ledger::AccountId& account,
                                                          const proto::AccountProof& proof);

}  // namespace peerpay::wallet::cli
