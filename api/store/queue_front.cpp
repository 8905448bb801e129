#include "api/store/queue_front.h"

#include <algorithm>

namespace peerpay::api {
namespace {

// Above every key of a queue: those begin with a time, or an id and a time.
const base::Bytes& end_key() {
  static const base::Bytes kEnd(64, 0xff);
  return kEnd;
}

}  // namespace

QueueFront::Mark QueueFront::mark() const {
  const std::lock_guard lock{mutex_};
  return front_;
}

void QueueFront::lower(const base::Bytes& key) {
  const std::lock_guard lock{mutex_};
  front_.from = std::min(front_.from, key);
  ++front_.lowerings;
}

void QueueFront::raise(const Mark& mark, const std::optional<base::Bytes>& first) {
  const std::lock_guard lock{mutex_};
  if (front_.lowerings == mark.lowerings) front_.from = first.value_or(end_key());
}

}  // namespace peerpay::api
