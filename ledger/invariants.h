#pragma once
// Invariants named as sentences, checked on every block in production (promise P4, spec: ledger
// L36). Each compares the changes of a block with what they were before, so the cost grows with the
// block, not with the ledger. They are computed from the block alone and share no code with
// apply.cpp.

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
  AccountId fee_account;  // of the block's proposer
};

struct InvariantViolation {
  std::string_view name;  // of the invariant
  std::string explanation;
};

// In this order; empty when all hold:
// - OutcomesMatchTheBlock: each outcome is that of its transaction, and its fee within the offer.
// - AccountsNeverVanish: every account that the block names has a record; none forgets its nonces.
// - NoncesAreUsedOnce: each sender's window grew by exactly the nonces of the block.
// - MoneyIsConserved: per asset, what left accounts equals what entered them, fees included.
// - BalancesMatchTheBlock: each account changed by the sum of its legs and fees in the block.
[[nodiscard]] std::optional<InvariantViolation> check_invariants(const InvariantInput& input);

// Total of one asset over the whole state: the scan at start-up and the test oracle use it. Empty
// when it is above the largest supply.
[[nodiscard]] std::optional<Amount> total_supply(const MemoryState& state, AssetId asset);

}  // namespace peerpay::ledger
