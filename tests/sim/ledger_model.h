#pragma once
// LedgerModel: what the chain must do, said by the naive ledger (tests/support/ledger), which
// shares no rule with ledger/; and that money neither comes from nowhere nor goes there.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "ledger/receipt.h"
#include "ledger/state.h"
#include "tests/support/ledger/naive_ledger.h"

namespace peerpay::sim {

class LedgerModel {
 public:
  // `genesis` must outlive the model.
  explicit LedgerModel(const ledger::Genesis& genesis);

  // Why the block can't stand on the state or does not do what `outcomes` say; empty when all is
  // well. Then the state is the one after the block.
  [[nodiscard]] std::optional<std::string> apply(const ledger::Block& block,
                                                 const std::vector<ledger::Outcome>& outcomes);
  // Where `changes` differ from what the last block did; empty when they are equal.
  [[nodiscard]] std::optional<std::string> difference(const ledger::StateChanges& changes) const;
  [[nodiscard]] ledger::StateRoot state_root() const;
  // Whether a block with this timestamp could hold the transaction next.
  [[nodiscard]] bool applies(const ledger::SignedTransaction& transaction,
                             base::UnixMillis timestamp) const;

 private:
  using Supply = std::map<std::uint32_t, std::uint64_t>;  // by asset; below 2^63 each
  [[nodiscard]] Supply supply() const;
  [[nodiscard]] ledger::Outcome outcome_of(const ledger::SealedTransaction& sealed) const;

  const ledger::Genesis& genesis_;
  ledger::test::NaiveLedger ledger_;
  Supply supply_genesis_;
  ledger::StateChanges before_;  // the last block
  ledger::StateChanges after_;
};

}  // namespace peerpay::sim
