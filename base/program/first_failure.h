#pragma once
// FirstFailure: why a service gave up by itself, if it did.

#include <mutex>
#include <optional>
#include <utility>

namespace peerpay::program {

// What follows the first failure is its consequence. Any thread may set it.
template <class Failure>
class FirstFailure {
 public:
  void set(Failure failure) {
    const std::lock_guard lock{mutex_};
    if (!failure_) failure_ = std::move(failure);
  }
  [[nodiscard]] std::optional<Failure> get() const {
    const std::lock_guard lock{mutex_};
    return failure_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Failure> failure_;  // guarded by mutex_
};

}  // namespace peerpay::program
