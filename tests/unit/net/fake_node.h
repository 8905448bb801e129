#pragma once
// A node for tests of the client service: remembers what it is asked, and ends what the test tells
// it to end.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "node/net/node_backend.h"

namespace peerpay::net {

class FakeNode final : public NodeBackend {
 public:
  FakeNode();

  // What the test does.
  // From now on submissions are not answered until release_submissions().
  void hold_submissions(bool hold);
  void release_submissions();
  // From now on every transaction is final as soon as it is followed.
  void settle_at_once(bool at_once);
  void settle(const ledger::TransactionId& id, proto::TransactionState state);
  void commit_block();
  // From now on every question that can fail does.
  void fail_with(QueryError error);

  // What the test sees.
  [[nodiscard]] std::vector<std::size_t> groups();  // how many submissions came together
  [[nodiscard]] std::size_t submissions();
  [[nodiscard]] std::size_t waiters();  // of transactions and blocks

  [[nodiscard]] Answer<const proto::GenesisFile*> genesis() const override { return &genesis_; }
  void status(Done<proto::NodeStatus> done) override;
  void head(Done<proto::Head> done) override;
  // Refused when the bytes begin with 'r', or for its signature with 'f', admitted otherwise.
  void submit(const Caller& caller, std::vector<proto::Submission> submissions,
              Done<std::vector<proto::TransactionStatus>> done) override;
  [[nodiscard]] Waiting follow(std::vector<ledger::TransactionId> admitted,
                               Settled settled) override;
  [[nodiscard]] Waiting await_end(const proto::TransactionQuery& query, Settled settled) override;
  void transaction(const proto::TransactionQuery& query,
                   Done<proto::TransactionStatus> done) override;
  // Only of final transactions: the id's bytes.
  void receipt(const ledger::TransactionId& id, Done<base::Bytes> done) override;
  void account(const proto::AccountQuery& query, Done<proto::AccountSnapshot> done) override;
  void history(const proto::HistoryQuery& query, Done<proto::HistoryPage> done) override;
  void block(const proto::BlockQuery& query, Done<proto::FinalizedBlock> done) override;
  [[nodiscard]] Waiting await_block(ledger::Height height,
                                    Done<proto::FinalizedBlock> done) override;

  [[nodiscard]] static ledger::TransactionId id_of(base::ByteView transaction);

 private:
  struct Follower {
    std::vector<ledger::TransactionId> ids;
    Settled settled;
  };
  struct BlockWaiter {
    ledger::Height height;
    Done<proto::FinalizedBlock> done;
  };
  [[nodiscard]] Waiting waiting(std::uint64_t number);
  [[nodiscard]] proto::TransactionStatus status_locked(const ledger::TransactionId& id);
  [[nodiscard]] proto::TransactionStatus admit_locked(const proto::Submission& submission);
  [[nodiscard]] static proto::FinalizedBlock block_at(ledger::Height height);
  template <class T>
  void give(T value, const Done<T>& done);

  const proto::GenesisFile genesis_;
  std::mutex mutex_;
  // Guarded by mutex_, all below:
  bool holds_ = false;
  bool settles_at_once_ = false;
  std::optional<QueryError> failure_;
  std::vector<std::function<void()>> held_;
  std::vector<std::size_t> groups_;
  std::map<ledger::TransactionId, proto::TransactionState> known_;
  ledger::Height head_{3};
  std::uint64_t waiter_next_ = 0;
  std::map<std::uint64_t, Follower> followers_;
  std::map<std::uint64_t, BlockWaiter> block_waiters_;
};

}  // namespace peerpay::net
