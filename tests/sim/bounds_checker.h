#pragma once
// BoundsChecker: what an honest node holds, whatever it is sent.

#include <cstddef>
#include <cstdint>

#include "consensus/types.h"
#include "node/core/config.h"
#include "node/core/replica.h"
#include "tests/sim/network.h"
#include "tests/sim/verdict.h"

namespace peerpay::sim {

// What honest nodes hold stays within bounds, whatever they are sent: absolute ones, and about what
// the views above the final block can need.
class BoundsChecker {
 public:
  explicit BoundsChecker(Verdict& verdict) : verdict_{verdict} {}
  void on_turn(NodeIndex node, const node::ReplicaStatus& status, std::uint64_t head_view);
  // Views with a state in memory, and what the pool holds of the most that it may.
  void on_turn(NodeIndex node, const node::ReplicaStatus& status, std::size_t views_held,
               const node::MempoolConfig& pool);

 private:
  Verdict& verdict_;
  consensus::View highest_view_;  // of any honest node so far
};

}  // namespace peerpay::sim
