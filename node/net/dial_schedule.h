#pragma once
// DialSchedule: when to dial one lane of one peer, and when to give a dial up. Pure: time and seed
// are arguments.
//
// After a failure the next dial waits between half the delay and all of it (so that the members of
// a network that came back together do not dial in step), and the delay doubles up to its maximum.
// Only a stream that lived as long as the maximum resets it: one that opens and breaks at once
// counts as a failure. A peer that dials this node proves that it is up, so the dial that waits for
// it comes at once: a validator that restarts is not kept waiting for what its absence added up to.

#include <chrono>
#include <cstdint>

#include "base/rng.h"
#include "node/net/peer_types.h"

namespace peerpay::net {

class DialSchedule {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // The first dial is due at `start`.
  DialSchedule(const PeerLimits& limits, std::uint64_t seed, Time start);

  enum class Action : std::uint8_t { kNone, kDial, kGiveUp };
  // What is due at `now`; each is said once.
  [[nodiscard]] Action next(Time now);
  // When `next` will have something to say; Time::max() when only an event can change that.
  [[nodiscard]] Time due() const { return due_; }

  void on_open(Time now);
  void on_closed(Time now);
  // The peer opened a stream to this node. Brings a waiting dial forward to `now`, but does not
  // reset the delay, and never dials sooner than the shortest delay after the last failure.
  void on_peer_seen(Time now);

 private:
  enum class Phase : std::uint8_t { kWaiting, kDialling, kOpen };
  std::chrono::microseconds delay_min_;
  std::chrono::microseconds delay_max_;
  std::chrono::milliseconds handshake_timeout_;
  base::Rng rng_;
  Phase phase_ = Phase::kWaiting;
  Time due_;
  Time opened_at_;
  Time closed_at_;
  std::chrono::microseconds delay_;
};

}  // namespace peerpay::net
