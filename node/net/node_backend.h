#pragma once
// NodeBackend: what the client service asks of the node. Plain values in, plain values out.
//
// Called from gRPC's threads, several at a time. There are two of them, and they also carry the
// votes of the peers: no call may block, not even for a read from disk. The answer comes through
// `done`, which the node calls exactly once, on any thread, also before the call returns. `done` is
// quick and never throws. The node may still call it after the service has stopped, or after the
// caller has gone; it does nothing then.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"
#include "ledger/ids.h"
#include "node/net/caller.h"
#include "proto/client/node_api.h"

namespace peerpay::net {

enum class QueryFailure : std::uint8_t {
  kNotFound = 1,  // there is no such thing, or not yet
  kInvalid,       // the question makes no sense: an unknown cursor
  kBusy,          // ask again later
  kNotReady,      // this node cannot answer now: it starts, stops, or catches up
};

struct QueryError {
  QueryFailure failure = QueryFailure::kNotReady;
  std::string code;      // stable snake_case, for example "block_not_found"
  std::string sentence;  // for people
};

template <class T>
using Answer = base::Expected<T, QueryError>;
template <class T>
using Done = std::function<void(Answer<T>)>;

// Someone waits. Letting go of it tells the node that nobody does any longer; a call that is under
// way may still come. Never blocks, may be done on any thread, also inside the awaited call.
using Waiting = std::shared_ptr<void>;

class NodeBackend {
 public:
  virtual ~NodeBackend() = default;

  // Never null, and valid as long as this. The first call reads it: a tenth of a second for each
  // million accounts.
  [[nodiscard]] virtual Answer<const proto::GenesisFile*> genesis() const = 0;
  virtual void status(Done<proto::NodeStatus> done) = 0;
  virtual void head(Done<proto::Head> done) = 0;

  // Those of one caller wait for each other, not for others'. One status for each submission, in
  // their order, as soon as each is admitted (kPending), refused
  // (kRejected) or known to have ended before (kFinal, kExpired). `wait_ms` is the service's
  // business. At most proto::kBatchSubmissionsMax of them.
  virtual void submit(const Caller& caller, std::vector<proto::Submission> submissions,
                      Done<std::vector<proto::TransactionStatus>> done) = 0;

  using Settled = std::function<void(const proto::TransactionStatus&)>;
  // Calls `settled` once for each transaction, when it is final, rejected or expired. REQUIRES: all
  // were answered with kPending. One that this node has let go of since is rejected ("evicted").
  [[nodiscard]] virtual Waiting follow(std::vector<ledger::TransactionId> admitted,
                                       Settled settled) = 0;
  // Calls `settled` once, when the transaction is or becomes final, rejected or expired; this node
  // need not have seen it yet. One that has not ended settles as expired, for this caller alone,
  // when ledger time has passed the valid_until that the query names, if it names one. `wait_ms` is
  // not used.
  [[nodiscard]] virtual Waiting await_end(const proto::TransactionQuery& query,
                                          Settled settled) = 0;

  // kUnknown is an answer, not a failure.
  virtual void transaction(const proto::TransactionQuery& query,
                           Done<proto::TransactionStatus> done) = 0;
  // BCS Receipt; kNotFound unless the transaction is final.
  virtual void receipt(const ledger::TransactionId& id, Done<base::Bytes> done) = 0;
  virtual void account(const proto::AccountQuery& query, Done<proto::AccountSnapshot> done) = 0;
  virtual void history(const proto::HistoryQuery& query, Done<proto::HistoryPage> done) = 0;
  virtual void block(const proto::BlockQuery& query, Done<proto::FinalizedBlock> done) = 0;

  // The finalized block of that height, as soon as it is durable. Heights in the past are answered
  // at once. The service asks for the next height when a subscriber has taken the one before: so a
  // slow subscriber costs nothing.
  [[nodiscard]] virtual Waiting await_block(ledger::Height height,
                                            Done<proto::FinalizedBlock> done) = 0;
};

}  // namespace peerpay::net
