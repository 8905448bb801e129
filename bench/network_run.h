#pragma once
// One measured run of a network under load.

#include "bench/commands.h"
#include "bench/local_network.h"

namespace peerpay::bench {

// The payments a second that the machine could do if checking signatures were all there is to do.
struct Bound {
  unsigned cores = 0;
  double verify_us = 0;
  double per_second = 0;  // of transactions
};
[[nodiscard]] Bound measure_bound(const Accounts& accounts, std::uint32_t validators);

// Payments to prepare, so that none are missing and memory suffices. Nobody does more than the
// bound, and a leg takes kLegUsMin at least.
inline constexpr double kLegUsMin = 1.0;
inline constexpr std::size_t kPreparedBytesMax = std::size_t{2} * 1024 * 1024 * 1024;
[[nodiscard]] std::size_t payments_needed(const NetworkOptions& options, const Bound& bound);

struct RunResult {
  Report figures;
  ledger::Nonce nonce_next;  // for the next run on this network
};
[[nodiscard]] Result<RunResult> measure_run(const NetworkOptions& options, const Accounts& accounts,
                                            ledger::Nonce nonce_first, LocalNetwork& network,
                                            Interruption& interruption);

}  // namespace peerpay::bench
