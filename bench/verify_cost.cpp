#include "bench/verify_cost.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "base/os/parallel.h"
#include "bench/process_usage.h"
#include "ledger/transaction.h"

namespace peerpay::bench {
namespace {

constexpr std::size_t kBatches = 9;
constexpr std::size_t kBatchPayments = 300;

}  // namespace

double measure_verify_us(const Accounts& accounts) {
  std::vector<ledger::SealedTransaction> payments(kBatches * kBatchPayments);
  os::for_each_parallel(payments.size(),
                        [&](std::size_t i) { payments[i] = make_payment(accounts, {}, i); });
  std::vector<double> costs;
  for (std::size_t batch = 0; batch < kBatches; ++batch) {
    const auto begin = cpu_time_of_thread();
    for (std::size_t i = 0; i < kBatchPayments; ++i) {
      const auto result = ledger::verify_signatures(payments[batch * kBatchPayments + i]);
      PEERPAY_CHECK(result == ledger::TransactionResult::kApplied, "the payments are signed");
    }
    const auto spent = cpu_time_of_thread().microseconds - begin.microseconds;
    costs.push_back(static_cast<double>(spent) / kBatchPayments);
  }
  std::nth_element(costs.begin(), costs.begin() + kBatches / 2, costs.end());
  return costs[kBatches / 2];
}

double verification_bound(unsigned cores, std::uint32_t validators, double verify_us) {
  return cores * 1e6 / (validators * verify_us);
}

}  // namespace peerpay::bench
