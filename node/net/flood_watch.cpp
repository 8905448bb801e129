#include "node/net/flood_watch.h"

#include <algorithm>

namespace peerpay::net {

bool FloodWatch::is_flood(std::uint64_t bytes, const CallCounts& calls, base::TimePoint now,
                          std::uint64_t unused_bytes_max) {
  bytes_ = bytes;
  if (calls.messages != last_.messages || calls.answered != last_.answered) bytes_used_ = bytes;
  const auto forgiven =
      looked_ ? (now - *looked_).microseconds / kForgivenInterval.microseconds : std::int64_t{0};
  // What is left of an interval counts next time.
  looked_ = looked_ ? *looked_ + kForgivenInterval * forgiven : now;
  const auto begun = static_cast<std::int64_t>(calls.begun - last_.begun);
  const auto answered = static_cast<std::int64_t>(calls.answered - last_.answered);
  const auto messages = static_cast<std::int64_t>(calls.messages - last_.messages);
  const auto count = [forgiven, begun](std::int64_t& counter, std::int64_t came_of_them) {
    counter = std::max<std::int64_t>(0, counter - forgiven);
    counter = std::max<std::int64_t>(0, counter + begun - came_of_them);
  };
  count(unanswered_, answered);
  count(empty_, std::max(answered, messages));
  last_ = calls;
  return unanswered_ > kUnansweredBurst || empty_ > kEmptyBurst ||
         bytes - bytes_used_ > unused_bytes_max;
}

std::uint64_t FloodWatch::empty_calls(base::TimePoint now) const {
  if (!looked_) return 0;
  const auto forgiven = (now - *looked_).microseconds / kForgivenInterval.microseconds;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, empty_ - forgiven));
}

}  // namespace peerpay::net
