#include "node/core/backlog.h"

#include <algorithm>

namespace peerpay::node {

void Backlog::committed(std::size_t transactions, base::TimePoint now) {
  lately_.push_back({transactions, now});
  while (lately_.front().at <= now - kWindow) lately_.pop_front();
}

bool Backlog::is_plenty(const Mempool::ReadyTurns& ready, std::size_t in_blocks,
                        base::TimePoint now) const {
  if (lately_.empty() || lately_.back().at <= now - kBlocksApartMax) return false;
  std::size_t final_lately = 0;
  for (const auto& block : lately_) {
    if (block.at > now - kWindow) final_lately += block.transactions;
  }
  const std::size_t plenty = in_blocks + std::clamp(final_lately, pool_max_ / 16, pool_max_ / 4);
  return ready.all > plenty && ready.of_clients * validators_ > plenty;
}

}  // namespace peerpay::node
