#pragma once
// WorkerPool: threads that run self-contained jobs (decode, verify, read from storage) and hand the
// results back by posting to the core. A queue for each urgency, the most urgent first, so that a
// vote never waits behind a batch of payments; the last two, what peers and what clients ask for,
// take turns, so that neither can starve the other. Thread-safe.

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace peerpay::app {

enum class Urgency : std::uint8_t { kVote = 0, kBlock = 1, kServe = 2, kTransaction = 3 };
inline constexpr std::size_t kUrgencies = 4;

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
  [[nodiscard]] Job take();                     // empty when stopping
  [[nodiscard]] std::deque<Job>* next_queue();  // null when all are empty. REQUIRES: mutex_ held

  std::mutex mutex_;
  std::condition_variable wake_;
  std::array<std::deque<Job>, kUrgencies> queues_;  // guarded by mutex_
  Urgency turn_ = Urgency::kServe;                  // guarded by mutex_: which of the last two
  bool stopping_ = false;                           // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace peerpay::app
