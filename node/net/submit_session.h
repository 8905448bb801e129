#pragma once
// SubmitSession: the logic of one SubmitStream call, apart from gRPC. Thread-safe.
//
// What arrives is handed to the node in groups, because a question to the node costs much more than
// a transaction in it. No timer: while no group is with the node, what has arrived goes at once;
// otherwise it gathers until a group is full or the last one comes back. So a quiet stream waits
// for nothing, and a busy one sends full groups. Answers gather in the same way while one is being
// written.
//
// Whoever is told to send again later, and sends at once, keeps the node busy with refusals: so
// many of them make a pause before the next read.
//
// A client that does not read its answers makes them stay: then nothing more is read of it, and
// what stays counts against the budget of all streams until it is written.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "node/net/byte_budget.h"
#include "node/net/forgery_guard.h"
#include "node/net/live_calls.h"
#include "node/net/node_backend.h"

namespace peerpay::net {

// The call, as the session sees it. Never blocks, never calls back before it returns.
class SubmitOutput {
 public:
  virtual ~SubmitOutput() = default;
  virtual void start_read() = 0;
  // Before the next read, after so many submissions that were refused for now.
  virtual void start_pause(std::size_t refused) = 0;
  virtual void start_write(std::vector<proto::StreamedStatus> statuses) = 0;
  // Everything is answered. No other call follows.
  virtual void finish() = 0;
};

struct SubmitLimits {
  std::size_t unanswered_max;        // read, not yet admitted or refused
  std::size_t unanswered_bytes_max;  // of these
  std::size_t unsettled_max;         // read, and its last answer not yet written
  std::size_t group_submissions_max;
};

struct Submitter {
  Caller caller;
  std::shared_ptr<ForgeryGuard> guard;  // also of answers that come when the call is over
};

class SubmitSession : public std::enable_shared_from_this<SubmitSession> {
 public:
  // `output` is used until close(), `backend` as long as the session lives, and `tokens.alive` is
  // kept as long.
  SubmitSession(const SubmitLimits& limits, NodeBackend& backend, SubmitOutput& output,
                Submitter submitter, CallTokens tokens);

  // Asks for the first read. REQUIRES: called once.
  void start();
  // The read that start_read asked for. One message may exceed the limits; then nothing is read
  // until there is room. `share` is made as large as they and their answers are, and given back as
  // the node lets go of them and the answers are written.
  void on_read(std::vector<proto::Submission> submissions, BudgetShare share);
  // Of the budget, what the node has in its hands included.
  [[nodiscard]] std::size_t bytes_held() const;
  // The pause that start_pause asked for.
  void on_pause_end();
  // What a message of so many transactions takes of the budget, from reading to the last answer.
  [[nodiscard]] static std::size_t cost_of(std::size_t submissions, std::size_t bytes);
  // The client will send no more.
  void on_read_end();
  // The write that start_write asked for.
  void on_written();
  // The call is over: nothing is waited for any longer, and nothing kept.
  void close();

 private:
  // Submissions that were handed over together, as far as they are followed.
  struct Group {
    std::size_t unsettled = 0;
    Waiting waiting;
  };
  struct Followed {
    std::uint64_t group = 0;
    std::vector<std::uint64_t> submissions;  // several when the same bytes came again
  };
  struct HandOver {
    std::uint64_t first = 0;  // position
    std::vector<proto::Submission> submissions;
    BudgetShare share;
  };
  using HandOvers = std::vector<HandOver>;

  [[nodiscard]] HandOvers advance_locked();
  [[nodiscard]] HandOvers group_locked();
  void put_out_locked(proto::StreamedStatus streamed);
  void charge_locked();
  void read_locked();
  void write_locked();
  void finish_locked();
  void hand_over(HandOvers groups);
  struct Handed {
    std::uint64_t first = 0;  // position
    std::size_t count = 0;
    std::size_t bytes = 0;
    std::size_t share_bytes = 0;
  };
  void on_admitted(const Handed& group, Answer<std::vector<proto::TransactionStatus>> answer);
  [[nodiscard]] std::vector<ledger::TransactionId> take_locked(
      std::uint64_t first, std::vector<proto::TransactionStatus> statuses);
  void follow(std::uint64_t group, std::vector<ledger::TransactionId> admitted);
  void on_settled(const proto::TransactionStatus& status);

  const CallTokens tokens_;
  const Submitter submitter_;
  const SubmitLimits limits_;
  NodeBackend& backend_;
  SubmitOutput& output_;
  mutable std::mutex mutex_;
  // Guarded by mutex_, all below:
  std::deque<proto::Submission> gathered_;
  BudgetShare gathered_share_;
  std::size_t bytes_with_node_ = 0;  // of the budget
  std::uint64_t position_next_ = 0;  // of the first one gathered
  std::size_t groups_with_node_ = 0;
  std::map<std::uint64_t, Group>
      groups_;  // that are followed, by the position of their first submission
  std::map<ledger::TransactionId, Followed> followed_;
  std::deque<proto::StreamedStatus> outbox_;
  std::size_t outbox_bytes_ = 0;
  std::size_t bytes_in_write_ = 0;
  BudgetShare unsettled_share_;  // for what unsettled_, outbox_ and the write in progress take
  std::size_t unanswered_ = 0;
  std::size_t unanswered_bytes_ = 0;
  std::size_t unsettled_ = 0;
  std::size_t endings_in_write_ = 0;
  std::size_t refused_ = 0;  // for now, since the last read
  bool reading_ = false;     // or pausing before it
  bool read_ended_ = false;
  bool writing_ = false;
  bool closed_ = false;
};

}  // namespace peerpay::net
