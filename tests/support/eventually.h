#pragma once
// Waits for what other threads bring about: asks every millisecond, and gives up at a deadline.

#include <chrono>
#include <functional>
#include <thread>

namespace peerpay::test {

// False when `done` was not true within `patience`.
inline bool eventually(std::chrono::milliseconds patience, const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (done()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return done();
}

}  // namespace peerpay::test
