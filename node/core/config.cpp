#include "node/core/config.h"

#include "ledger/limits.h"

namespace peerpay::node {

std::optional<std::string_view> MempoolConfig::invalid_reason() const {
  if (bytes_max < ledger::kSignedTransactionBytesMax) {
    return "mempool.bytes_max is smaller than the largest transaction";
  }
  if (transactions_max == 0) return "mempool.transactions_max must be at least 1";
  if (operations_per_payer_max < ledger::kOperationsMax)
    return "mempool.operations_per_account_max is smaller than the largest transaction";
  return std::nullopt;
}

std::optional<std::string_view> ReplicaConfig::invalid_reason() const {
  if (const auto reason = mempool.invalid_reason()) return reason;
  if (gossip_delay_max < base::Duration{0}) return "gossip_delay_max must not be negative";
  if (reannounce_interval < base::milliseconds(100))
    return "reannounce_interval must be at least 100 ms";
  if (fetch_timeout < base::milliseconds(10)) return "fetch_timeout must be at least 10 ms";
  return std::nullopt;
}

}  // namespace peerpay::node
