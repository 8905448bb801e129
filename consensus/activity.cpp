#include "consensus/activity.h"

namespace peerpay::consensus {

base::Duration Activity::busy_time(base::TimePoint now) const {
  return busy_ ? busy_before_ + (now - busy_since_) : busy_before_;
}

void Activity::set_busy(bool busy, base::TimePoint now) {
  if (busy == busy_) return;
  busy_before_ = busy_time(now);
  busy_since_ = now;
  busy_ = busy;
}

void Activity::heard(ValidatorIndex signer, base::TimePoint now) {
  heard_[signer.value] = busy_time(now);
}

bool Activity::is_silent(ValidatorIndex signer, base::Duration limit, base::TimePoint now) const {
  return busy_time(now) >= heard_[signer.value] + limit;
}

std::uint32_t Activity::active_count(base::Duration limit, base::TimePoint now) const {
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < heard_.size(); ++i) {
    if (!is_silent(ValidatorIndex{i}, limit, now)) ++count;
  }
  return count;
}

}  // namespace peerpay::consensus
