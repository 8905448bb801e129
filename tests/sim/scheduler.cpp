#include "tests/sim/scheduler.h"

#include <algorithm>
#include <utility>

namespace peerpay::sim {

void Scheduler::at(base::TimePoint time, Action action) {
  heap_.push_back({std::max(time, now_), sequence_next_++, std::move(action)});
  std::push_heap(heap_.begin(), heap_.end(), Later{});
}

bool Scheduler::step(base::TimePoint end) {
  if (heap_.empty() || heap_.front().time > end) {
    now_ = std::max(now_, end);
    return false;
  }
  std::pop_heap(heap_.begin(), heap_.end(), Later{});
  Entry entry = std::move(heap_.back());
  heap_.pop_back();
  now_ = entry.time;
  ++steps_;
  entry.action();
  return true;
}

}  // namespace peerpay::sim
