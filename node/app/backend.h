#pragma once
// Backend: answers the client service from the core, the store and what ended lately. What may
// touch the disk runs on the workers; what reads the replica runs on the core thread. Nothing is
// told that is not durable. Thread-safe.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "ledger/genesis.h"
#include "node/app/core_thread.h"
#include "node/app/finality.h"
#include "node/app/submissions.h"
#include "node/app/worker_pool.h"
#include "node/net/node_backend.h"
#include "node/storage/store.h"

namespace peerpay::app {

// How far above the newest durable block one may be waited for.
inline constexpr std::uint64_t kBlocksAheadMax = 1'024;

struct BackendParts {
  const ledger::Network& network;
  std::string genesis_path;
  std::string validator;  // own name, empty for an observer
  CoreThread& core;
  WorkerPool& pool;
  storage::Store& store;
  Finality& finality;
  std::function<std::vector<proto::PeerState>()> peers;
};

class Backend final : public net::NodeBackend {
 public:
  Backend(const BackendParts& parts, Ingress& ingress);

  [[nodiscard]] net::Answer<const proto::GenesisFile*> genesis() const override;
  void status(net::Done<proto::NodeStatus> done) override;
  void head(net::Done<proto::Head> done) override;
  void submit(const net::Caller& caller, std::vector<proto::Submission> submissions,
              net::Done<std::vector<proto::TransactionStatus>> done) override;
  [[nodiscard]] net::Waiting follow(std::vector<ledger::TransactionId> admitted,
                                    Settled settled) override;
  [[nodiscard]] net::Waiting await_end(const proto::TransactionQuery& query,
                                       Settled settled) override;
  void transaction(const proto::TransactionQuery& query,
                   net::Done<proto::TransactionStatus> done) override;
  void receipt(const ledger::TransactionId& id, net::Done<base::Bytes> done) override;
  void account(const proto::AccountQuery& query, net::Done<proto::AccountSnapshot> done) override;
  void history(const proto::HistoryQuery& query, net::Done<proto::HistoryPage> done) override;
  void block(const proto::BlockQuery& query, net::Done<proto::FinalizedBlock> done) override;
  [[nodiscard]] net::Waiting await_block(ledger::Height height,
                                         net::Done<proto::FinalizedBlock> done) override;

  // From the core thread.
  void replied(const node::SubmissionReply& reply) { submissions_.reply(reply); }
  // From the storage thread: this height is durable.
  void durable(ledger::Height height);

 private:
  struct Follower;
  struct BlockWaiter;
  // What it means that an open transaction is nowhere to be found.
  enum class Unknown : std::uint8_t { kMayCome, kEvicted };
  using WaitKey = std::pair<ledger::Height, std::uint64_t>;  // with a number of its own
  [[nodiscard]] net::Answer<proto::TransactionStatus> look_up(const proto::TransactionQuery& query);
  // Tells the end if there is one, else watches for it.
  void settle_or_watch(Follower& follower, const proto::TransactionQuery& query, Unknown unknown,
                       const Settled& settled);
  [[nodiscard]] net::Answer<proto::TransactionStatus> read_transaction(
      const proto::TransactionQuery& query);
  [[nodiscard]] net::Answer<base::Bytes> read_receipt(const ledger::TransactionId& id);
  [[nodiscard]] net::Answer<proto::HistoryPage> read_history(const proto::HistoryQuery& query);
  [[nodiscard]] net::Answer<proto::FinalizedBlock> read_block(const proto::BlockQuery& query);
  [[nodiscard]] proto::AccountSnapshot snapshot(const node::Replica& replica,
                                                const proto::AccountQuery& query) const;
  [[nodiscard]] net::Answer<proto::AccountProof> complete_proof(proto::AccountProof proof,
                                                                ledger::Height height);
  [[nodiscard]] WaitKey wait_key(ledger::Height height) { return {height, wait_next_++}; }
  // Runs `answer` on a worker once the key's height is durable.
  void when_durable(const WaitKey& key, std::function<void()> answer);
  void forget(const WaitKey& key);

  BackendParts parts_;
  mutable std::mutex genesis_mutex_;
  // Guarded by it until it was read, when it is asked for: it is as large as all accounts.
  mutable proto::GenesisFile genesis_file_;
  Submissions submissions_;
  base::TimePoint started_;
  std::atomic<std::uint64_t> wait_next_{0};
  std::mutex mutex_;
  std::map<WaitKey, std::function<void()>> waiting_;  // guarded by mutex_
};

}  // namespace peerpay::app
