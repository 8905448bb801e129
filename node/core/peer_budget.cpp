#include "node/core/peer_budget.h"

#include <algorithm>

namespace peerpay::node {

bool PeerBudget::spend(PeerIndex peer, base::TimePoint now) {
  auto& spent_until = spent_until_.try_emplace(peer, now).first->second;
  const auto next = std::max(spent_until, now) + rate_.interval;
  if (next - now > rate_.interval * rate_.burst) return false;
  spent_until = next;
  return true;
}

base::TimePoint PeerBudget::next(PeerIndex peer) const {
  return spent_until_.at(peer) + rate_.interval - rate_.interval * rate_.burst;
}

}  // namespace peerpay::node
