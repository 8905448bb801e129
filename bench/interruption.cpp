#include "bench/interruption.h"

#include <chrono>
#include <utility>

namespace peerpay::bench {

Interruption::Interruption(os::StopSignal stop)
    : stop_{std::move(stop)}, watcher_{[this] {
        stop_.wait();
        const std::lock_guard lock{mutex_};
        requested_ = true;
        wake_.notify_all();
      }} {}

Interruption::~Interruption() { stop_.request(); }

bool Interruption::requested() const {
  const std::lock_guard lock{mutex_};
  return requested_;
}

bool Interruption::sleep_for(base::Duration time) {
  std::unique_lock lock{mutex_};
  return !wake_.wait_for(lock, std::chrono::microseconds{time.microseconds},
                         [this] { return requested_; });
}

}  // namespace peerpay::bench
