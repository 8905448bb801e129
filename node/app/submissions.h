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
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "node/app/ingress.h"
#include "node/app/worker_pool.h"
#include "node/core/effects.h"
#include "node/net/node_backend.h"
#include "proto/client/node_api.h"

namespace peerpay::app {

// Of submissions between submit() and their answer: more are refused as busy. A host never has more
// than it leaves free, so half of either when it is alone, and there is always room for another.
// The bytes are what bounds memory; the largest single call has 1 MiB.
inline constexpr std::size_t kSubmissionsWaitingMax = 16'384;
inline constexpr std::size_t kSubmissionBytesWaitingMax = std::size_t{64} * 1024 * 1024;
// Whoever waited longer for the check is told to come again: by then it may have given up, and what
// nobody has checked must not keep the room for long.
inline constexpr base::Duration kCheckWaitMax = base::seconds(5);

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
    std::function<base::TimePoint()> now;  // monotonic
  };

  // All are borrowed.
  Submissions(Ingress& ingress, WorkerPool& pool, Ports ports);

  // In the caller's turn (worker_pool.h). When more than net::kForgeriesBurst of them have wrong
  // signatures, or their turn does not come in kCheckWaitMax, the others are refused for now.
  void submit(const net::Caller& caller, std::vector<proto::Submission> submissions, Done done);
  // The core's answer. Called on the core thread.
  void reply(const node::SubmissionReply& reply);

 private:
  // What a worker says of one.
  struct Checked {
    std::optional<ledger::TransactionResult> result;  // none: not looked at
    std::string_view not_looked_at;                   // why
    std::string detail;
    ledger::SealedTransaction transaction;
  };
  struct Usage {
    std::size_t count = 0;
    std::size_t bytes = 0;
  };
  // By position. Each belongs to the job that checks it, and then to the core.
  struct Group {
    net::Caller caller;
    std::uint64_t number = 0;
    base::TimePoint check_until;
    std::vector<proto::Submission> submissions;
    std::atomic<std::size_t> forgeries = 0;
    std::vector<proto::TransactionStatus> statuses;
    std::vector<base::UnixMillis> valid_until;
    std::vector<std::size_t> to_look_up;  // guarded by mutex_, as the next
    std::size_t unanswered = 0;
    std::size_t bytes = 0;
    Done done;
  };
  using GroupPtr = std::shared_ptr<Group>;
  [[nodiscard]] bool enter(const std::string& host, const Usage& usage);
  void check_part(const GroupPtr& group, std::size_t part);
  [[nodiscard]] Checked check(Group& group, proto::Submission submission);
  [[nodiscard]] static proto::TransactionStatus refused_unseen(const Checked& checked);
  void answered(const GroupPtr& group, std::size_t count);
  void look_up_all(GroupPtr group);
  void look_up(Group& group, const Ids& pending);
  void finish(const GroupPtr& group);

  Ingress& ingress_;
  WorkerPool& pool_;
  Ports ports_;
  std::mutex mutex_;
  Usage waiting_;                             // guarded by mutex_
  std::map<std::string, Usage> waiting_of_;   // guarded by mutex_: by host
  std::map<std::uint64_t, GroupPtr> groups_;  // guarded by mutex_: with something unanswered
  std::uint64_t group_next_ = 1;              // guarded by mutex_
};

}  // namespace peerpay::app
