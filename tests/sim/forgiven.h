#pragma once
// Forgiven: nodes that came back with an older disk than they had. Whatever such a node says counts
// as that of one of the f, or, once it has rejoined, what it says up to a view.

#include <cstdint>
#include <map>

#include "consensus/types.h"
#include "tests/sim/network.h"

namespace peerpay::sim {

class Forgiven {
 public:
  void forgive(NodeIndex node) { through_[node] = consensus::View{UINT64_MAX}; }
  void trust_above(NodeIndex node, consensus::View through) {
    if (const auto found = through_.find(node); found != through_.end()) found->second = through;
  }
  [[nodiscard]] bool covers(NodeIndex node, consensus::View view) const {
    const auto found = through_.find(node);
    return found != through_.end() && view <= found->second;
  }

 private:
  std::map<NodeIndex, consensus::View> through_;
};

}  // namespace peerpay::sim
