#pragma once
// Ingress: from a peer's bytes to an event of the core, with every signature checked on the way.
// Votes are checked on the thread that brings them, all else on the workers.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "consensus/types.h"
#include "ledger/genesis.h"
#include "node/app/held_certificates.h"
#include "node/app/key_cache.h"
#include "node/app/verdict_cache.h"
#include "node/app/worker_pool.h"
#include "node/core/event.h"
#include "node/core/peer_budget.h"

namespace peerpay::app {

class Ingress {
 public:
  // Kept alive until the core has handled the event: the share of the peer's credit that the
  // message took up.
  using Hold = std::shared_ptr<void>;
  // Called on worker threads.
  struct Sink {
    std::function<void(node::Event, Hold)> event;
    std::function<void(node::PeerIndex, std::string)> fault;  // something no honest peer sends
  };

  // What is known of signed things, so that each is checked once.
  struct Known {
    VerdictCache& transactions;  // valid; by leaf
    KeyCache& keys;
    const HeldCertificates& certificates;
  };
  // `network`, `pool` and what is known are borrowed and outlive the ingress and its jobs.
  Ingress(const ledger::Network& network, WorkerPool& pool, const Known& known, Sink sink);

  // The core's view of now, from any thread; before the first call any is possible. Votes for views
  // that it would not count yet are then dropped unread: their signatures, however many are right,
  // cost nothing.
  void at_view(consensus::View view) { view_ = view.value; }

  // Takes the message in, or queues it.
  void receive(node::PeerIndex from, base::Bytes message, Hold hold);

  // kApplied when the bytes are a transaction whose signatures and form are right. Remembers the
  // verdict.
  [[nodiscard]] ledger::TransactionResult check(const ledger::SealedTransaction& transaction);
  [[nodiscard]] const ledger::ChainId& chain() const { return network_.chain; }

 private:
  struct Arrival {
    node::PeerIndex from;
    Hold hold;
  };
  void take(const Arrival& arrival, base::ByteView message);
  [[nodiscard]] bool may_be_counted(const consensus::Vote& vote) const;
  [[nodiscard]] bool may_check(node::PeerIndex from, std::size_t statements);
  [[nodiscard]] bool may_ask_again(node::PeerIndex from);
  void take_message(const Arrival& arrival, consensus::Vote vote);
  void take_message(const Arrival& arrival, consensus::Certificate certificate);
  void take_message(const Arrival& arrival, consensus::RepairRequest request);
  void take_message(const Arrival& arrival, node::BlockMessage message);
  void take_message(const Arrival& arrival, node::BlockRequest request);
  void take_message(const Arrival& arrival, node::SyncRequest request);
  void take_message(const Arrival& arrival, node::SyncBatch batch);
  void take_message(const Arrival& arrival, node::TransactionBatch batch);
  void take_transactions(const Arrival& arrival,
                         std::vector<ledger::SealedTransaction> transactions);
  void take_message(const Arrival& arrival, node::StandingRequest request);
  void take_message(const Arrival& arrival, node::Standing standing);

  const ledger::Network& network_;
  const consensus::Context context_;
  const consensus::ValidatorSet validators_;
  WorkerPool& pool_;
  VerdictCache& verdicts_;
  KeyCache& keys_;
  const HeldCertificates& certificates_;
  Sink sink_;
  std::atomic<std::uint64_t> view_;
  std::mutex budget_mutex_;
  node::PeerBudget checks_;    // guarded by budget_mutex_
  node::PeerBudget requests_;  // guarded by budget_mutex_
};

}  // namespace peerpay::app
