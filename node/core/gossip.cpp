#include "node/core/gossip.h"

#include <algorithm>
#include <utility>

#include "node/core/limits.h"
#include "node/core/messages.h"

namespace peerpay::node {
namespace {

// Cuts a list of transactions into messages of at most one batch each.
class Batcher {
 public:
  Batcher(std::optional<PeerIndex> to, std::vector<Send>& out) : to_{to}, out_{out} {}
  ~Batcher() { cut(); }
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  void add(const ledger::SealedTransaction& transaction) {
    const std::size_t size = transaction.bytes.size();
    const bool full = batch_.transactions.size() == kGossipBatchTransactionsMax ||
                      (bytes_ > 0 && bytes_ + size > kGossipBatchBytesMax);
    if (full) cut();
    batch_.transactions.push_back(transaction);
    bytes_ += size;
  }

 private:
  void cut() {
    if (batch_.transactions.empty()) return;
    out_.push_back({to_, Priority::kTransaction, encode(PeerMessage{std::exchange(batch_, {})})});
    bytes_ = 0;
  }

  std::optional<PeerIndex> to_;
  std::vector<Send>& out_;
  TransactionBatch batch_;
  std::size_t bytes_ = 0;
};

}  // namespace

void Gossip::enqueue(const ledger::SealedTransaction& transaction, base::TimePoint now) {
  if (queue_.empty()) flush_at_ = now + config_.gossip_delay_max;
  queue_.push_back(transaction.id);
  queue_bytes_ += transaction.bytes.size();
  if (queue_bytes_ >= kGossipBatchBytesMax) flush_at_ = now;
}

std::vector<Send> Gossip::greet(Mempool& mempool, PeerIndex peer) {
  mempool.forget_known(peer);
  std::vector<ledger::TransactionId> ids;
  mempool.for_each_ready([&](const Mempool::Entry& entry, std::size_t) {
    ids.push_back(entry.transaction.id);
    return ids.size() < kGossipBatchTransactionsMax;
  });
  std::vector<Send> out;
  {
    Batcher batcher{peer, out};
    for (const auto& id : ids) {
      batcher.add(mempool.find(id)->transaction);
      mempool.mark_known(id, peer);
    }
  }
  return out;
}

std::vector<Send> Gossip::due(Mempool& mempool, const std::set<PeerIndex>& connected,
                              base::TimePoint now) {
  std::vector<Send> out;
  if (!queue_.empty() && flush_at_ <= now) flush(mempool, connected, out);
  if (mempool.size() > 0 && reannounce_at_ <= now) reannounce(mempool, connected, now, out);
  return out;
}

void Gossip::flush(Mempool& mempool, const std::set<PeerIndex>& connected, std::vector<Send>& out) {
  Batcher batcher{std::nullopt, out};
  for (const auto& id : queue_) {
    const auto* entry = mempool.find(id);
    if (entry == nullptr) continue;
    batcher.add(entry->transaction);
    mempool.mark_known(id, connected);
  }
  queue_.clear();
  queue_bytes_ = 0;
}

void Gossip::reannounce(Mempool& mempool, const std::set<PeerIndex>& connected, base::TimePoint now,
                        std::vector<Send>& out) {
  reannounce_at_ = now + config_.reannounce_interval;
  const auto ids =
      mempool.take_unannounced(now - config_.reannounce_interval, now, kGossipBatchTransactionsMax);
  for (const auto peer : connected) {
    Batcher batcher{peer, out};
    for (const auto& id : ids) {
      const auto* entry = mempool.find(id);
      if (entry->known_to.test(peer.value)) continue;
      batcher.add(entry->transaction);
      mempool.mark_known(id, peer);
    }
  }
}

std::optional<base::TimePoint> Gossip::deadline(const Mempool& mempool) const {
  std::optional<base::TimePoint> out;
  if (!queue_.empty()) out = flush_at_;
  if (mempool.size() > 0) out = out ? std::min(*out, reannounce_at_) : reannounce_at_;
  return out;
}

}  // namespace peerpay::node
