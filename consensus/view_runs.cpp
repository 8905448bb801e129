#include "consensus/view_runs.h"

#include <iterator>

namespace peerpay::consensus {

ViewRuns::Runs::const_iterator ViewRuns::run_of(View view) const {
  auto after = runs_.upper_bound(view);
  if (after == runs_.begin()) return runs_.end();
  const auto run = std::prev(after);
  return run->second < view ? runs_.end() : run;
}

bool ViewRuns::contains(View view) const { return run_of(view) != runs_.end(); }

void ViewRuns::insert(View view) {
  if (contains(view)) return;
  View first = view;
  View last = view;
  const auto after = runs_.upper_bound(view);
  if (after != runs_.begin()) {
    const auto before = std::prev(after);
    if (before->second.next() == view) {
      first = before->first;
      runs_.erase(before);
    }
  }
  if (after != runs_.end() && after->first == view.next()) {
    last = after->second;
    runs_.erase(after);
  }
  runs_.emplace(first, last);
}

void ViewRuns::erase_through(View last) {
  while (!runs_.empty() && runs_.begin()->first <= last) {
    const View end = runs_.begin()->second;
    runs_.erase(runs_.begin());
    if (end > last) runs_.emplace(last.next(), end);
  }
}

std::optional<View> ViewRuns::first_missing(View from, View until) const {
  if (from >= until) return std::nullopt;
  const auto run = run_of(from);
  if (run == runs_.end()) return from;
  const View next = run->second.next();
  if (next >= until) return std::nullopt;
  return next;
}

}  // namespace peerpay::consensus
