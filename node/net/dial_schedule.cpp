#include "node/net/dial_schedule.h"

#include <algorithm>

namespace peerpay::net {

DialSchedule::DialSchedule(const PeerLimits& limits, std::uint64_t seed, Time start)
    : delay_min_{limits.redial_delay_min},
      delay_max_{limits.redial_delay_max},
      handshake_timeout_{limits.handshake_timeout},
      rng_{seed},
      due_{start},
      opened_at_{start},
      closed_at_{start},
      delay_{delay_min_} {}

DialSchedule::Action DialSchedule::next(Time now) {
  if (now < due_) return Action::kNone;
  switch (phase_) {
    case Phase::kWaiting:
      phase_ = Phase::kDialling;
      due_ = now + handshake_timeout_;
      return Action::kDial;
    case Phase::kDialling: due_ = Time::max(); return Action::kGiveUp;
    case Phase::kOpen: break;
  }
  return Action::kNone;
}

void DialSchedule::on_open(Time now) {
  phase_ = Phase::kOpen;
  due_ = Time::max();
  opened_at_ = now;
}

void DialSchedule::on_closed(Time now) {
  if (phase_ == Phase::kOpen && now - opened_at_ >= delay_max_) delay_ = delay_min_;
  const auto delay_us = static_cast<std::uint64_t>(delay_.count());
  const auto wait_us = rng_.between(delay_us / 2, delay_us);
  phase_ = Phase::kWaiting;
  closed_at_ = now;
  due_ = now + std::chrono::microseconds{static_cast<std::int64_t>(wait_us)};
  delay_ = std::min(delay_ * 2, delay_max_);
}

void DialSchedule::on_peer_seen(Time now) {
  if (phase_ != Phase::kWaiting) return;
  due_ = std::min(due_, std::max(now, closed_at_ + delay_min_));
}

}  // namespace peerpay::net
