#pragma once
// Gossip of transactions. The validators form a full mesh, so what a client submits here goes to
// every peer once, in batches of kGossipBatchBytesMax or gossip_delay_max, whichever comes first;
// what arrives from a peer is not passed on. A link that was down is healed by re-announcing what
// still waits to the peers not known to have it.

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
