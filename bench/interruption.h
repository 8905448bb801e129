#pragma once
// Interruption: lets Ctrl-C end a benchmark in order, so that its processes and files go away.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/os/signals.h"
#include "base/time.h"

namespace peerpay::bench {

class Interruption {
 public:
  explicit Interruption(os::StopSignal stop);
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  [[nodiscard]] bool requested() const;
  // False when interrupted before the time has passed. Callable from any thread.
  [[nodiscard]] bool sleep_for(base::Duration time);

 private:
  os::StopSignal stop_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool requested_ = false;  // guarded by mutex_
  std::jthread watcher_;
};

}  // namespace peerpay::bench
