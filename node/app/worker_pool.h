#pragma once
// WorkerPool: threads that run self-contained jobs (decode, verify, read from storage) and hand the
// results back by posting to the core. A queue for each urgency, the most urgent first, so that a
// vote never waits behind a batch of payments; the last two, what peers and what clients ask for,
// take turns, so that neither can starve the other. In the last one hosts take turns, and the
// connections of each host among themselves: a client's thousands of payments don't stand before
// another's one. A job that is under way is not interrupted, so jobs are kept short
// (kJobChecksMax). Thread-safe.

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "node/app/rotation.h"
#include "node/net/caller.h"

namespace peerpay::app {

enum class Urgency : std::uint8_t { kVote = 0, kBlock = 1, kServe = 2, kTransaction = 3 };

// Transactions whose signatures one job checks: 3 ms of a core, and rarely a second signature each.
inline constexpr std::size_t kJobChecksMax = 64;

class WorkerPool {
 public:
  using Job = std::function<void()>;  // must not throw or block

  explicit WorkerPool(std::size_t threads);
  ~WorkerPool();  // stops
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Of kTransaction, for nobody: all such jobs share the turn of one host.
  void post(Urgency urgency, Job job);
  // As kTransaction, in the caller's turn.
  void post(const net::Caller& caller, Job job);
  [[nodiscard]] std::size_t threads() const { return threads_.size(); }
  // Drops the jobs that have not begun, and joins. Posting afterwards does nothing.
  void stop();

 private:
  using Queue = std::deque<Job>;
  using Host = Rotation<std::string, Queue>;  // by connection

  void run();
  [[nodiscard]] Job take();  // empty when stopping
  // REQUIRES for all below: mutex_ held.
  [[nodiscard]] bool is_idle(Urgency urgency) const;
  [[nodiscard]] Job take_next();  // empty when all are idle
  [[nodiscard]] Job take_of(Urgency urgency);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::array<Queue, 3> urgent_;        // guarded by mutex_: all but kTransaction
  Rotation<std::string, Host> hosts_;  // guarded by mutex_: kTransaction
  Urgency turn_ = Urgency::kServe;     // guarded by mutex_: which of the last two
  bool stopping_ = false;              // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace peerpay::app
