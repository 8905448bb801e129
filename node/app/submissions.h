#pragma once
// Submissions: from the bytes that clients hand in to one status each. Decodes and verifies on the
// workers, asks the core to admit, and finds in the store how those ended that the core says were
// used before. Thread-safe.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "node/app/ingress.h"
#include "node/app/worker_pool.h"
#include "node/core/effects.h"
#include "node/net/node_backend.h"
#include "proto/client/node_api.h"

namespace peerpay::app {

class Submissions {
 public:
  using Done = net::Done<std::vector<proto::TransactionStatus>>;
  struct Ports {
    std::function<void(node::Event)> post;  // to the core
    // What became of a transaction, from memory or the store; kUnknown when nothing is known. May
    // block: workers only.
    std::function<proto::TransactionStatus(const proto::TransactionQuery&)> look_up;
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
    Done done;
  };
  void prepare(std::vector<proto::Submission> submissions, Done done);
  void look_up(Group& group);
  void finish(std::shared_ptr<Group> group);

  Ingress& ingress_;
  WorkerPool& pool_;
  Ports ports_;
  std::atomic<std::size_t> waiting_{0};  // submissions between submit() and done
  std::mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<Group>> groups_;  // guarded by mutex_
  std::uint64_t group_next_ = 1;                            // guarded by mutex_
};

}  // namespace peerpay::app
