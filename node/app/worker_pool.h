#pragma once
// WorkerPool: threads that run self-contained jobs (decode, verify, read from storage) and hand the
// results back by posting to the core.
//
//   prompt    certificates and other statements, then blocks: what the others wait for
//   patient   what peers ask for; what clients ask for and the payments that peers pass on; the
//             payments that clients hand in: in turns, so that none can starve another. The last
//             two go by hosts in turns, and for each by its connections: a client's thousands of
//             payments don't stand before another's one. The last can be held back.
//
// Each kind has threads of its own, and the system gives the patient ones a tenth of what it gives
// the others, the core's thread and the network's too: however many payments wait to be checked,
// those that were checked become final no later. A job that is under way is not interrupted, so
// jobs are kept short (kJobChecksMax). Thread-safe.

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

enum class Urgency : std::uint8_t { kStatement, kBlock, kServe, kTransaction };

// Transactions whose signatures one job checks: less than a millisecond of a core, and rarely a
// second signature each. What comes next waits for that at a tenth of a busy core.
inline constexpr std::size_t kJobChecksMax = 16;

class WorkerPool {
 public:
  using Job = std::function<void()>;  // must not throw or block

  // So many threads of each kind.
  explicit WorkerPool(std::size_t threads);
  ~WorkerPool();  // stops
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Of kTransaction, for nobody: all such jobs share the turn of one host.
  void post(Urgency urgency, Job job);
  // As kTransaction, in the caller's turn.
  void post(const net::Caller& caller, Job job);
  // Of payments that a client hands in, in its turn among those.
  void post_payments(const net::Caller& caller, Job job);
  // Whether what post_payments() was given waits.
  void hold_payments(bool hold);
  // Drops the jobs that have not begun, and joins. Posting afterwards does nothing.
  void stop();

 private:
  using Queue = std::deque<Job>;
  using Host = Rotation<std::string, Queue>;  // by connection
  using Hosts = Rotation<std::string, Host>;
  static constexpr std::size_t kPatientQueues = 3;

  enum class Kind : std::uint8_t { kPrompt, kPatient };
  void run(Kind kind);
  [[nodiscard]] Job take(Kind kind);  // empty when stopping
  // REQUIRES for all below: mutex_ held.
  [[nodiscard]] Job take_prompt();   // empty when there is none
  [[nodiscard]] Job take_patient();  // empty when there is none that may be taken
  [[nodiscard]] Job take_patient(std::size_t queue);

  std::mutex mutex_;
  std::condition_variable wake_prompt_;
  std::condition_variable wake_patient_;
  Queue statements_;  // guarded by mutex_, as all below
  Queue blocks_;
  Queue serves_;
  Hosts hosts_;  // of kTransaction
  Hosts payments_;
  bool holds_payments_ = false;
  std::size_t patient_turn_ = 0;  // of the patient queues
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace peerpay::app
