#include "tests/sim/scheduler.h"

#include <algorithm>
#include <utility>

namespace peerpay::sim {

void Scheduler::at(base::TimePoint time, Action action) {
  if (slots_free_.empty()) {
    slots_free_.push_back(static_cast<std::uint32_t>(actions_.size()));
    actions_.emplace_back();
  }
  const std::uint32_t slot = slots_free_.back();
  slots_free_.pop_back();
  actions_[slot] = std::move(action);
  heap_.push_back({std::max(time, now_), sequence_next_++, slot});
  std::push_heap(heap_.begin(), heap_.end(), Later{});
}

bool Scheduler::step(base::TimePoint end) {
  if (heap_.empty() || heap_.front().time > end) {
    now_ = std::max(now_, end);
    return false;
  }
  std::pop_heap(heap_.begin(), heap_.end(), Later{});
  const Entry entry = heap_.back();
  heap_.pop_back();
  now_ = entry.time;
  ++steps_;
  const Action action = std::exchange(actions_[entry.slot], nullptr);
  slots_free_.push_back(entry.slot);
  action();
  return true;
}

}  // namespace peerpay::sim
