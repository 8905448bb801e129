#pragma once
// Submissions: from the bytes that clients hand in to one status each. Decodes and verifies on the
// workers, asks the core to admit, and finds in the store how those ended that the core says were
// used before. Thread-safe.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "node/app/ingress.h"
#include "node/app/worker_pool.h"
#include "node/core/effects.h"
#include "node/net/node_backend.h"
#include "proto/client/node_api.h"

namespace peerpay::app {

// Of submissions between submit() and their answer: more are refused as busy. The bytes are what
// bounds memory; the largest single call has 1 MiB.
inline constexpr std::size_t kSubmissionsWaitingMax = 65'536;
inline constexpr std::size_t kSubmissionBytesWaitingMax = std::size_t{64} * 1024 * 1024;

class Submissions {
 public:
  using Done = net::Done<std::vector<proto::TransactionStatus>>;
  using Ids = std::set<ledger::TransactionId>;
  struct Ports {
    std::function<void(node::Event)> post;  // to the core
    // Calls back once with those of the ids that the core holds, in its pool or in a block that is
    // not final. Must not call back before it returns.
    std::function<void(Ids, std::function<void(const Ids&)>)> find_pending;
    // What became of a transaction, from memory or the store; kUnknown when nothing is known. May
    // block: workers only.
    std::function<net::Answer<proto::TransactionStatus>(const proto::TransactionQuery&)> look_up;
  };

  // All are borrowed.
  Submissions(Ingress& ingress, WorkerPool& pool, Ports ports);

  void submit(std::vector<proto::Submission> submissions, Done done);
  // The core's answer. Called on the core thread.
  void reply(const node::SubmissionReply& reply);

 private:
  struct Group {
    std::vector<proto::TransactionStatus> statuses;
    std::vector<base::UnixMillis> valid_until;  // by position
    std::vector<std::size_t> to_look_up;
    std::size_t unanswered = 0;
    std::size_t bytes = 0;
    Done done;
  };
  [[nodiscard]] bool enter(std::size_t count, std::size_t bytes);
  void prepare(std::vector<proto::Submission> submissions, std::size_t bytes, Done done);
  void look_up_all(std::shared_ptr<Group> group);
  void look_up(Group& group, const Ids& pending);
  void finish(const std::shared_ptr<Group>& group);

  Ingress& ingress_;
  WorkerPool& pool_;
  Ports ports_;
  std::mutex mutex_;
  std::size_t waiting_ = 0;                                 // guarded by mutex_
  std::size_t bytes_waiting_ = 0;                           // guarded by mutex_
  std::map<std::uint64_t, std::shared_ptr<Group>> groups_;  // guarded by mutex_
  std::uint64_t group_next_ = 1;                            // guarded by mutex_
};

}  // namespace peerpay::app
