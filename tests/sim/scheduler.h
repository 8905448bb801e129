#pragma once
// Scheduler: virtual time and the queue of what happens next. Actions run in order of (time,
// sequence), so a run is a function of its seed. Nothing here waits: time jumps to the next action.

#include <cstdint>
#include <functional>
#include <vector>

#include "base/time.h"

namespace peerpay::sim {

class Scheduler {
 public:
  using Action = std::function<void()>;

  [[nodiscard]] base::TimePoint now() const { return now_; }
  // An action for the past runs now, after what is queued for now.
  void at(base::TimePoint time, Action action);
  void after(base::Duration delay, Action action) { at(now_ + delay, std::move(action)); }

  // Runs the next action that is due at or before `end`; otherwise moves the clock to `end` and
  // returns false.
  bool step(base::TimePoint end);

  [[nodiscard]] std::uint64_t steps() const { return steps_; }

 private:
  struct Entry {
    base::TimePoint time;
    std::uint64_t sequence = 0;
    std::uint32_t slot = 0;  // of its action
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
    }
  };
  // Entries move about in the heap; actions, which cost more to move, stay where they are.
  std::vector<Entry> heap_;
  std::vector<Action> actions_;
  std::vector<std::uint32_t> slots_free_;
  base::TimePoint now_;
  std::uint64_t sequence_next_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace peerpay::sim
