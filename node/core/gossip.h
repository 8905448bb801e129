#pragma once
// Gossip of transactions. The validators form a full mesh, so what a client submits here goes to
// every peer once, in batches of kGossipBatchBytesMax or gossip_delay_max, whichever comes first;
// what arrives from a peer is not passed on. A peer that connects may have missed or lost anything:
// it gets the first of what waits at once, and the rest as all peers do that are not known to have
// something, by re-announcements.

#include <optional>
#include <set>
#include <vector>

#include "base/time.h"
#include "ledger/ids.h"
#include "node/core/config.h"
#include "node/core/effects.h"
#include "node/core/mempool.h"

namespace peerpay::node {

class Gossip {
 public:
  explicit Gossip(const ReplicaConfig& config) : config_{config} {}

  // A transaction that a client submitted here and the pool admitted.
  void enqueue(const ledger::SealedTransaction& transaction, base::TimePoint now);
  // The oldest kGossipBatchTransactionsMax that are ready, for a peer that has just connected.
  [[nodiscard]] static std::vector<Send> greet(Mempool& mempool, PeerIndex peer);
  // What is due: full or old batches, and re-announcements.
  [[nodiscard]] std::vector<Send> due(Mempool& mempool, const std::set<PeerIndex>& connected,
                                      base::TimePoint now);
  // When due() has something next, were nothing else to happen. Empty when nothing waits.
  [[nodiscard]] std::optional<base::TimePoint> deadline(const Mempool& mempool) const;

 private:
  void flush(Mempool& mempool, const std::set<PeerIndex>& connected, std::vector<Send>& out);
  void reannounce(Mempool& mempool, const std::set<PeerIndex>& connected, base::TimePoint now,
                  std::vector<Send>& out);

  ReplicaConfig config_;
  std::vector<ledger::TransactionId> queue_;
  std::size_t queue_bytes_ = 0;
  base::TimePoint flush_at_;
  base::TimePoint reannounce_at_;
};

}  // namespace peerpay::node
