#pragma once
// ViewRuns: a set of views as maximal runs of neighbours. Asks "is every view between these in the
// set?" in O(log runs), however many views that are.

#include <cstddef>
#include <map>
#include <optional>

#include "consensus/types.h"

namespace peerpay::consensus {

class ViewRuns {
 public:
  // REQUIRES: view is below the largest representable view.
  void insert(View view);
  void erase_through(View last);
  [[nodiscard]] bool contains(View view) const;
  // The lowest view of [from, until) that is not in the set.
  [[nodiscard]] std::optional<View> first_missing(View from, View until) const;
  [[nodiscard]] std::size_t run_count() const { return runs_.size(); }

 private:
  using Runs = std::map<View, View>;  // first -> last, not touching each other
  Runs::const_iterator run_of(View view) const;
  Runs runs_;
};

}  // namespace peerpay::consensus
