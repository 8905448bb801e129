#pragma once
// WorkerPool: threads that run self-contained jobs (decode, verify, read from storage) and hand the
// results back by posting to the core. Three queues, the most urgent first, so that a vote never
// waits behind a batch of payments. Thread-safe.

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace peerpay::app {

enum class Urgency : std::uint8_t { kVote = 0, kBlock = 1, kTransaction = 2 };

class WorkerPool {
 public:
  using Job = std::function<void()>;  // must not throw or block

  explicit WorkerPool(std::size_t threads);
  ~WorkerPool();  // stops
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void post(Urgency urgency, Job job);
  [[nodiscard]] std::size_t threads() const { return threads_.size(); }
  // Drops the jobs that have not begun, and joins. Posting afterwards does nothing.
  void stop();

 private:
  void run();
  [[nodiscard]] Job take();  // empty when stopping

  std::mutex mutex_;
  std::condition_variable wake_;
  std::array<std::deque<Job>, 3> queues_;  // guarded by mutex_
  bool stopping_ = false;                  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace peerpay::app
