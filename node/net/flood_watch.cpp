#include "node/net/flood_watch.h"

#include <algorithm>

namespace peerpay::net {

bool FloodWatch::is_flood(std::uint64_t bytes, const CallCounts& calls, base::TimePoint now,
                          std::uint64_t unused_bytes_max) {
  if (calls.messages != last_.messages || calls.answered != last_.answered) bytes_used_ = bytes;
  const auto forgiven =
      looked_ ? (now - *looked_).microseconds / kUnansweredInterval.microseconds : std::int64_t{0};
  // What is left of an interval counts next time.
  looked_ = looked_ ? *looked_ + kUnansweredInterval * forgiven : now;
  const auto begun = static_cast<std::int64_t>(calls.begun - last_.begun);
  const auto answered = static_cast<std::int64_t>(calls.answered - last_.answered);
  unanswered_ = std::max<std::int64_t>(0, unanswered_ - forgiven);
  unanswered_ = std::max<std::int64_t>(0, unanswered_ + begun - answered);
  last_ = calls;
  return unanswered_ > kUnansweredBurst || bytes - bytes_used_ > unused_bytes_max;
}

}  // namespace peerpay::net
