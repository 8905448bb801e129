#include "node/core/backlog.h"

#include <algorithm>

namespace peerpay::node {

void Backlog::committed(std::size_t transactions, base::TimePoint now) {
  lately_.push_back({transactions, now});
  while (lately_.front().at <= now - kWindow) lately_.pop_front();
}

bool Backlog::is_plenty(const Mempool::Usages& ready, base::TimePoint now) const {
  if (lately_.empty() || lately_.back().at <= now - kBlocksApartMax) return false;
  std::size_t final_lately = 0;
  for (const auto& block : lately_) {
    if (block.at > now - kWindow) final_lately += block.transactions;
  }
  const std::size_t transactions =
      std::clamp(final_lately, config_.transactions_max / 16, config_.transactions_max / 4);
  const std::size_t bytes = config_.bytes_max / 4;
  const auto is_above = [&](std::size_t of_transactions, std::size_t of_bytes, std::size_t parts) {
    return of_transactions * parts > transactions || of_bytes * parts > bytes;
  };
  const auto& [all, of_peers] = ready;
  return is_above(all.transactions, all.bytes, 1) &&
         is_above(all.transactions - of_peers.transactions, all.bytes - of_peers.bytes,
                  validators_);
}

}  // namespace peerpay::node
