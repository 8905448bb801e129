#pragma once
// Mempool: admitted transactions that wait to be ordered. Policy, not rules: what is valid is the
// ledger's business, what this node keeps is decided here.
//
// A transaction is *ready* while all that is ready together can be paid from the finalized balances
// of its payers (sender, and sponsor if there is one): what it will debit is *reserved* there. So
// nobody fills pools with payments of which the ledger can apply one. A block whose other payments
// took the money *parks* those that arrived last; they get ready again when there is enough. Only a
// final reason or its expiry drops a transaction that is ready; a parked one also makes room for
// another.
//
// Senders take turns: what one has pooled is for one turn after another, and a newcomer's first is
// for the one before anybody's next. So who floods the pool waits behind itself, and who was served
// while nobody else wanted more owes nothing. Each turn takes kNewcomersMax, so that newcomers
// without end don't keep the next from coming. Turns are this pool's own: what a block took says
// little, its proposer may have been sent the same in another order.
//
// Bounded, so that no account and no peer crowds out the others (adr/0006):
//   all       bytes and number
//   a payer   the operations of what it sends, plus one for each transaction that it sponsors
//   peers     what came from one peer takes up half of the pool at most, from all three quarters
//   time      valid_until is not beyond kValidityMax
//
// With n transactions and d debits of one of them (at most its operations and one): admission costs
// what applying it costs, and O(d log n); removal O(d log n). A block costs that for what it holds,
// and O(log n) for each debit of what is pooled of the accounts that it touched and of the payers
// of what it dropped or parked. Nothing is rechecked wholesale. Not safe for threads.

#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ledger/account.h"
#include "ledger/genesis.h"
#include "ledger/limits.h"
#include "ledger/state.h"
#include "ledger/transaction.h"
#include "node/core/config.h"
#include "node/core/effects.h"
#include "node/core/id_table.h"

namespace peerpay::node {

class Mempool {
 public:
  // Who brought a transaction first: a peer, or, when empty, a client of this node.
  using Source = std::optional<PeerIndex>;

  struct Payer;
  struct Entry {
    ledger::SealedTransaction transaction;
    std::uint64_t order = 0;  // of arrival
    std::uint64_t turn = 0;
    Source source;
    std::vector<ledger::Balance> sender_debits;   // ascending by asset; with the fee if unsponsored
    std::vector<ledger::Balance> sponsor_debits;  // the fee, or nothing
    Payer* sender = nullptr;
    Payer* sponsor = nullptr;  // null without one
    bool ready = false;
    std::bitset<ledger::kValidatorsMax> known_to;  // peers that sent it to us or were sent it
    base::TimePoint announced;
  };

  Mempool(const MempoolConfig& config, const ledger::Genesis& genesis)
      : config_{config}, genesis_{genesis} {}

  struct Admitted {
    Admission admission = Admission::kAdmitted;
    ledger::TransactionResult result = ledger::TransactionResult::kApplied;
    std::vector<DroppedTransaction> evicted;  // parked ones that made room
  };
  // `state` is the finalized one, `now` its reader's clock. Refuses what could not be applied now
  // beside all that is ready.
  Admitted add(ledger::SealedTransaction transaction, Source source, const ledger::StateView& state,
               base::Now now);

  [[nodiscard]] const Entry* find(const ledger::TransactionId& id) const;
  [[nodiscard]] bool is_ready(const ledger::TransactionId& id) const;
  void mark_known(const ledger::TransactionId& id, PeerIndex peer);
  void mark_known(const ledger::TransactionId& id, const std::set<PeerIndex>& peers);
  // The peer was away and may have lost everything. Costs O(size()).
  void forget_known(PeerIndex peer);

  struct AfterBlock {
    std::vector<DroppedTransaction> dropped;  // without being applied
    bool readiness_changed = false;           // of something that is still pooled
  };
  // Drops what the block applied, expired or ruled out, parks what the accounts that it touched
  // can't pay any more, and wakes what can be paid again: by them, and by whoever has something
  // reserved no longer.
  AfterBlock on_committed(const CommittedBlock& block, const ledger::StateView& state);

  // Ready transactions by turn, those of one turn in order of arrival, for as long as `visit`
  // returns true.
  template <class Visit>
  void for_each_ready(Visit&& visit) const {
    for (const auto& [place, entry] : ready_) {
      if (!visit(*entry)) return;
    }
  }
  // Entries last announced before `cutoff`, at most `max`; marks them announced at `now`, which is
  // not before any time that was given earlier.
  std::vector<ledger::TransactionId> take_unannounced(base::TimePoint cutoff, base::TimePoint now,
                                                      std::size_t max);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t ready_count() const { return ready_.size(); }
  [[nodiscard]] std::size_t bytes() const { return used_.bytes; }

 private:
  using ByOrder = std::map<std::uint64_t, Entry*>;
  // Turn, order of arrival.
  using Place = std::pair<std::uint64_t, std::uint64_t>;
  struct Usage {
    std::size_t transactions = 0;
    std::size_t bytes = 0;
  };
  template <class Visit>  // visit(payer, debits) for each payer of the entry
  static void for_each_payer(const Entry& entry, Visit&& visit);
  [[nodiscard]] const Payer* payer(const ledger::AccountId& account) const;
  [[nodiscard]] Payer& payer_of(const ledger::AccountId& account);
  [[nodiscard]] static ledger::TransactionResult coverage(const Entry& entry,
                                                          const ledger::StateView& state,
                                                          const Payer* sender,
                                                          const Payer* sponsor);
  [[nodiscard]] bool share_is_full(const Entry& entry, const Payer* sender,
                                   const Payer* sponsor) const;
  [[nodiscard]] bool is_within(const Usage& used, std::size_t quarters, std::size_t bytes) const;
  [[nodiscard]] std::optional<std::vector<ledger::TransactionId>> to_evict(const Source& source,
                                                                           std::size_t bytes) const;
  void count(const Entry& entry, bool added);
  void insert(Entry incoming);
  void remove(Entry& entry);
  void leave(Payer& payer, const Entry& entry, std::size_t operations);
  void reserve(const Entry& entry);
  void free(const Entry& entry);
  void take_turn(Entry& entry);
  void unready(const Entry& entry);
  void make_ready(Entry& entry);
  void park(Entry& entry);
  void unpark(const Entry& entry);
  void drop_ruled_out(const ledger::AccountId& id, const ledger::NonceWindow& nonces,
                      AfterBlock& out);
  void park_overdrawn(const ledger::AccountId& id, const ledger::StateView& state, AfterBlock& out);
  void wake(const ledger::AccountId& id, const ledger::StateView& state, AfterBlock& out);

  MempoolConfig config_;
  const ledger::Genesis& genesis_;
  IdTable<Entry> entries_;
  std::map<Place, Entry*> ready_;
  std::set<Place> joined_later_;               // ready ones that were not for the turn of newcomers
  std::map<Source, ByOrder> parked_;           // clients first; none empty
  std::map<ledger::AccountId, Payer> payers_;  // none empty
  std::set<ledger::AccountId> freed_;          // payers with less reserved than before the block
  std::map<std::pair<base::UnixMillis, std::uint64_t>, Entry*> by_expiry_;  // then by order
  std::map<std::pair<base::TimePoint, std::uint64_t>, Entry*> by_announced_;
  Usage used_;
  Usage used_by_peers_;
  std::map<PeerIndex, Usage> used_by_peer_;
  std::uint64_t order_next_ = 0;
  std::uint64_t turn_ = 0;     // the earliest that newcomers join
  std::size_t newcomers_ = 0;  // that joined it
};

struct Mempool::Payer {
  ledger::AccountId account;
  std::vector<Entry*> entries;            // by order of arrival
  std::vector<ledger::Balance> reserved;  // by those that are ready; none zero
  std::size_t operations = 0;
  std::uint64_t turn_next = 0;  // of what gets ready of what it sends
};

}  // namespace peerpay::node
