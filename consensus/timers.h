#pragma once
// The deadlines of the engine, and the pace at which they grow. Values only: the shell asks for the
// earliest one and calls back.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace peerpay::consensus {

enum class Timer : std::uint8_t {
  kLeader,         // the leader has not proposed
  kCertification,  // the view is not certified
  kRetry,          // the view did not end after our nullify
  kPropose,        // the previous proposal is block_interval_min ago
  kGrace,          // idle, but the last block is not final
  kRepair,         // a repair was not answered
  kStandstill,     // nothing was finalized for long
};
inline constexpr std::size_t kTimers = 7;

class Timers {
 public:
  void arm(Timer timer, base::TimePoint at) { slot(timer) = at; }
  void disarm(Timer timer) { slot(timer).reset(); }
  [[nodiscard]] bool armed(Timer timer) const { return at_[index(timer)].has_value(); }
  // Whether it is due; a due timer is disarmed.
  [[nodiscard]] bool fire(Timer timer, base::TimePoint now) {
    const bool due = slot(timer).has_value() && *slot(timer) <= now;
    if (due) disarm(timer);
    return due;
  }
  [[nodiscard]] std::optional<base::TimePoint> earliest() const {
    std::optional<base::TimePoint> out;
    for (const auto& at : at_) {
      if (at && (!out || *at < *out)) out = at;
    }
    return out;
  }

 private:
  static constexpr std::size_t index(Timer timer) { return static_cast<std::size_t>(timer); }
  std::optional<base::TimePoint>& slot(Timer timer) { return at_[index(timer)]; }
  std::array<std::optional<base::TimePoint>, kTimers> at_;
};

// Rule C17: a time-out grows by half for each view nullified in a row and falls back with a
// finalization.
class GrowingTimeout {
 public:
  GrowingTimeout(base::Duration initial, base::Duration max) : initial_{initial}, max_{max} {}
  [[nodiscard]] base::Duration value() const { return value_; }
  void grow() { value_ = std::min(max_, base::microseconds(value_.microseconds * 3 / 2)); }
  void reset() { value_ = initial_; }

 private:
  base::Duration initial_;
  base::Duration max_;
  base::Duration value_ = initial_;
};

}  // namespace peerpay::consensus
