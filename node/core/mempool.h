#pragma once
// Mempool: admitted transactions that wait to be ordered. Policy, not rules: what is valid is the
// ledger's business, what this node keeps is decided here.
//
// A transaction is *ready* while it could be applied to the finalized state, and *parked* while
// that state says "later" (for example, funds that another pooled payment spent). A block that
// touches its sender or sponsor moves it between the two; only a final reason or its expiry drops
// it. Nothing is ever rechecked wholesale.
//
// Costs O(log n) per transaction admitted or removed. Bounded by bytes, count, and a share per
// payer, so that one account can't crowd out the others. Not safe for threads.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/time.h"
#include "ledger/genesis.h"
#include "ledger/state.h"
#include "ledger/transaction.h"
#include "node/core/config.h"
#include "node/core/effects.h"

namespace peerpay::node {

class Mempool {
 public:
  struct Entry {
    ledger::SealedTransaction transaction;
    std::uint64_t order = 0;  // of arrival
    bool ready = true;
    std::set<PeerIndex> known_to;  // peers that sent it to us or were sent it
    base::TimePoint announced;
  };

  Mempool(const MempoolConfig& config, const ledger::Genesis& genesis)
      : config_{config}, genesis_{genesis} {}

  struct Admitted {
    Admission admission = Admission::kAdmitted;
    ledger::TransactionResult result = ledger::TransactionResult::kApplied;
  };
  // `state` is the finalized one, `now` its reader's clock. Refuses what could not be applied now.
  Admitted add(ledger::SealedTransaction transaction, const ledger::StateView& state,
               base::Now now);

  [[nodiscard]] const Entry* find(const ledger::TransactionId& id) const;
  void mark_known(const ledger::TransactionId& id, PeerIndex peer);
  // The peer was away and may have lost everything. Costs O(size()).
  void forget_known(PeerIndex peer);

  // After a block: drops what it applied or ruled out, re-sorts the pooled transactions of the
  // accounts it touched, and drops what its timestamp expired. Returns what was dropped without
  // being applied.
  std::vector<DroppedTransaction> on_committed(const CommittedBlock& block,
                                               const ledger::StateView& state);

  // Ready transactions in order of arrival, for as long as `visit` returns true.
  template <class Visit>
  void for_each_ready(Visit&& visit) const {
    for (const auto& [order, id] : ready_) {
      if (!visit(entries_.at(id))) return;
    }
  }
  // Entries last announced before `cutoff`, at most `max`; marks them announced at `now`.
  std::vector<ledger::TransactionId> take_unannounced(base::TimePoint cutoff, base::TimePoint now,
                                                      std::size_t max);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t ready_count() const { return ready_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  [[nodiscard]] bool share_is_full(const ledger::AccountId& payer) const;
  void forget_payer(const ledger::AccountId& payer, const ledger::TransactionId& id);
  void remove(const ledger::TransactionId& id);
  void set_ready(Entry& entry, bool ready);
  std::optional<DroppedTransaction> resort(const ledger::TransactionId& id,
                                           const ledger::StateView& state,
                                           base::UnixMillis ledger_time);

  MempoolConfig config_;
  const ledger::Genesis& genesis_;
  std::map<ledger::TransactionId, Entry> entries_;
  std::map<std::uint64_t, ledger::TransactionId> ready_;
  std::map<ledger::AccountId, std::set<ledger::TransactionId>>
      by_payer_;  // under sender and sponsor
  std::set<std::pair<base::UnixMillis, ledger::TransactionId>> by_expiry_;
  std::map<std::pair<base::TimePoint, std::uint64_t>, ledger::TransactionId> by_announced_;
  std::size_t bytes_ = 0;
  std::uint64_t order_next_ = 0;
};

}  // namespace peerpay::node
