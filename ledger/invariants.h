#pragma once
// Invariants named as sentences, checked on every block in production (promise P4). Each compares the
// changes of a block with what they were before, so the cost grows with the block, not with the ledger.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ledger/block.h"
#include "ledger/receipt.h"
#include "ledger/state.h"

namespace peerpay::ledger {

struct InvariantInput {
  const StateView& before;
  const StateChanges& changes;
  const Block& block;
  std::span<const Outcome> outcomes;
};

struct InvariantViolation {
  std::string_view name;      // of the invariant
  std::string explanation;
};

// MoneyIsConserved: per asset, what left accounts equals what entered them, fees included.
// BalancesMatchTheBlock: each account's change equals the sum of its legs and fees in the block.
// NoncesAreUsedOnce: each sender's window grew by exactly the nonces of the block.
// AccountsNeverVanish: no record disappears or loses its nonce history.
// Empty when all hold. Recomputed independently of apply.cpp, from the block alone.
[[nodiscard]] std::optional<InvariantViolation> check_invariants(const InvariantInput& input);

// Total of one asset over the whole state: the scan at start-up and the test oracle use it.
[[nodiscard]] std::optional<Amount> total_supply(const MemoryState& state, AssetId asset);

}  // namespace peerpay::ledger
