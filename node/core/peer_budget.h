#pragma once
// PeerBudget: how often each peer is served something that costs more than the asking. `burst`
// times at once, then once per `interval`. What goes beyond is dropped: an honest asker asks
// somebody else after its time-out, and a hostile one has gained nothing.
//
// Holds one time for each peer that ever asked; costs O(log peers). Not safe for threads.

#include <cstdint>
#include <map>

#include "base/time.h"
#include "node/core/event.h"

namespace peerpay::node {

class PeerBudget {
 public:
  struct Rate {
    base::Duration interval;
    std::int64_t burst = 1;
  };
  explicit PeerBudget(const Rate& rate) : rate_{rate} {}

  // True, and spent, when `peer` may be served now.
  [[nodiscard]] bool spend(PeerIndex peer, base::TimePoint now);
  // From when on it may. REQUIRES: it was refused.
  [[nodiscard]] base::TimePoint next(PeerIndex peer) const;

 private:
  const Rate rate_;
  std::map<PeerIndex, base::TimePoint> spent_until_;  // a full budget again by then
};

}  // namespace peerpay::node
