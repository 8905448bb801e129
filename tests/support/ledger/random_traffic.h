#pragma once
// Random transactions for a LedgerWorld, the same ones from one seed on every machine: several legs
// and assets, sponsors, nonces around the window, and each way to be refused that needs the state.

#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::ledger::test {

class RandomTraffic {
 public:
  explicit RandomTraffic(std::uint64_t seed);

  // At most five, of which some apply.
  [[nodiscard]] std::vector<SealedTransaction> next_candidates(const LedgerWorld& world);
  [[nodiscard]] std::uint32_t next_proposer();

 private:
  [[nodiscard]] SealedTransaction next(const LedgerWorld& world);

  base::Rng rng_;
  std::vector<AccountId> ids_;
};

}  // namespace peerpay::ledger::test
