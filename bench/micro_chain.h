#pragma once
// A chain of one block's length: a genesis with funded accounts, its state, and payments over it.

#include <vector>

#include "bench/payments.h"
#include "ledger/apply.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "ledger/state.h"
#include "ledger/state_tree.h"

namespace peerpay::bench {

class Chain {
 public:
  explicit Chain(std::size_t account_count);

  // Payments 0 to count - 1, sealed.
  [[nodiscard]] std::vector<ledger::SealedTransaction> payments(std::size_t count) const;
  // The block of height 1 with these payments; valid but for its state root.
  [[nodiscard]] ledger::Block block(std::vector<ledger::SealedTransaction> payments) const;
  // What that block changes.
  [[nodiscard]] ledger::StateChanges changes(
      const std::vector<ledger::SealedTransaction>& payments) const;

  [[nodiscard]] const ledger::Network& network() const { return network_; }
  [[nodiscard]] const ledger::Genesis& genesis() const { return network_.genesis; }
  [[nodiscard]] const ledger::ChainId& chain() const { return terms_.chain; }
  [[nodiscard]] const ledger::BlockHeader& parent() const { return parent_; }
  [[nodiscard]] const ledger::MemoryState& state() const { return state_; }
  [[nodiscard]] ledger::BlockContext context() const;

 private:
  Accounts accounts_;
  ledger::Network network_;
  PaymentTerms terms_;
  ledger::BlockHeader parent_;
  ledger::MemoryState state_;
};

// Made once for each size.
[[nodiscard]] const Chain& chain_of(std::size_t account_count);

}  // namespace peerpay::bench
