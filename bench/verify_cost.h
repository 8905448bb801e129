#pragma once
// The cost that bounds every validator: checking the signature of a payment.

#include <cstdint>

#include "bench/payments.h"

namespace peerpay::bench {

// Microseconds of CPU for one ledger::verify_signatures on one thread: the median of several
// batches over distinct payments. CPU time, so that other processes on the machine do not count.
[[nodiscard]] double measure_verify_us(const Accounts& accounts);

// Payments a second that `cores` can verify `validators` times each.
[[nodiscard]] double verification_bound(unsigned cores, std::uint32_t validators, double verify_us);

}  // namespace peerpay::bench
