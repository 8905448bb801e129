#pragma once
// Builds committed blocks as an honest replica would, for tests that then doctor them.

#include <vector>

#include "node/core/effects.h"
#include "tests/sim/world.h"

namespace peerpay::sim::testing {

// Four honest validators, accounts with money, no faults.
Options calm_options();

struct PayOptions {
  std::uint32_t from = 0;  // position in the keyring
  std::uint32_t to = 1;
  std::uint64_t units = 100;
  std::uint64_t nonce = 1;
  std::uint64_t valid_for_ms = 60'000;
};
ledger::SealedTransaction pay(const World& world, const PayOptions& options);

class ChainBuilder {
 public:
  explicit ChainBuilder(const World& world);
  // The next block, and what committing it does.
  node::CommittedBlock next(const std::vector<ledger::SealedTransaction>& transactions);
  [[nodiscard]] const ledger::BlockHeader& head() const { return head_; }

 private:
  const World& world_;
  ledger::MemoryState state_;
  ledger::BlockHeader head_;
};

// Votes of the first `signers` validators, as one certificate.
consensus::Certificate certificate_of(const World& world, const consensus::Subject& subject,
                                      std::uint32_t signers);

}  // namespace peerpay::sim::testing
