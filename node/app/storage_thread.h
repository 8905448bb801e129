#pragma once
// StorageThread: the one writer of the store. Blocks and commits go to disk in the order they were
// given; who waits for them is told when they are durable, never before. The first failed write
// stops it for good: what waits and what comes later is dropped, and nobody waits for it.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>

#include "node/app/exit_code.h"
#include "node/core/effects.h"
#include "node/storage/store.h"

namespace peerpay::app {

class StorageThread {
 public:
  // Called on the storage thread.
  struct Listener {
    std::function<void(const ledger::BlockHash&)> stored;
    std::function<void(const node::CommittedBlock&)> committed;
    std::function<void(Failure)> failed;  // no call follows
  };

  StorageThread(storage::Store& store, Listener listener);
  ~StorageThread();  // stops
  StorageThread(const StorageThread&) = delete;
  StorageThread& operator=(const StorageThread&) = delete;

  void start();
  void store(node::BlockToStore block);
  // Waits while more than kCommitsWaitingMax blocks wait: a node that catches up must not outrun
  // its disk. `mark` is how far the sign log had come: a later start must not find it shorter.
  void commit(node::CommittedBlock block, const std::optional<storage::SignLogMark>& mark);
  // Finishes what waits, writes the state, joins.
  void stop();

 private:
  struct Commit {
    node::CommittedBlock block;
    std::optional<storage::SignLogMark> mark;
  };
  using Job = std::variant<node::BlockToStore, Commit>;
  void run();
  void fail(const storage::StorageError& error);
  [[nodiscard]] std::deque<Job> take();
  [[nodiscard]] storage::StorageExpected<void> execute(Job job);
  [[nodiscard]] storage::StorageExpected<void> flush_if_due();

  storage::Store& store_;
  Listener listener_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable room_;
  std::deque<Job> jobs_;             // guarded by mutex_
  std::size_t commits_waiting_ = 0;  // guarded by mutex_
  bool stopping_ = false;            // guarded by mutex_
  bool failed_ = false;              // guarded by mutex_
  std::int64_t flush_at_us_ = 0;     // storage thread only
  bool dirty_ = false;               // storage thread only
  std::thread thread_;
};

}  // namespace peerpay::app
