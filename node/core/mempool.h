#pragma once
// Mempool: admitted transactions that wait to be ordered. Policy, not rules: what is valid is the
// ledger's business, what this node keeps is decided here.
//
// A transaction is *ready* while all that is ready together can be paid from the finalized balances
// of its payers (sender, and sponsor if there is one): what it will debit is *reserved* there. So
// nobody fills pools with payments of which the ledger can apply one. A block whose other payments
// took the money *parks* those that arrived last; they get ready again when there is enough. Only a
// final reason or its expiry drops a transaction that is ready; a parked one also makes room for
// another: of peers first, whoever has most of them, then of clients.
//
// Senders take turns, as in a round robin: each turn has one transaction of everybody who has one
// ready. Whose transaction a block took goes to the end of the round, as does a newcomer. So who
// floods the pool waits behind itself, and everybody else for those who came before, once.
//
// Bounded, so that no account and no peer crowds out the others (adr/0006):
//   all       bytes and number
//   a payer   the operations of what it sends, plus one for each transaction that it sponsors
//   peers     three quarters
//   shares    of what is ready, number and bytes: a payer may have as much as is free of the pool,
//             a peer as much as is free of the peers' part, so that whoever comes finds half of
//             what was free before (Choudhury and Hahne, Dynamic queue length thresholds, 1998).
//             What was parked before and would be ready beyond them is dropped.
//   time      valid_until is not beyond kValidityMax
//
// With n transactions, of which the payers of one have p, and d debits of it (at most its
// operations and one): admission costs what applying it costs, and O(d log n), and as much for each
// that it evicts, at most as many as there are smallest transactions in it, and one; removal and
// eviction cost O(d log n), p steps and one for each peer. A block costs that for what it holds,
// and O(log n) for each debit of what is pooled of the accounts that it touched and of the payers
// of what it dropped or parked. Nothing is rechecked wholesale. Not safe for threads.

#include <bitset>
#include <cstdint>
#include <list>
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

  struct Usage {
    std::size_t transactions = 0;
    std::size_t bytes = 0;
  };
  // How many are ready, counting kTurnsCounted of a sender: whoever has more waits for itself.
  struct ReadyTurns {
    std::size_t all = 0;
    std::size_t of_clients = 0;  // of this node
  };
  static constexpr std::size_t kTurnsCounted = 16;
  struct Entry;
  struct Payer {
    ledger::AccountId account;
    std::vector<Entry*> entries;            // by order of arrival
    std::size_t operations = 0;             // of those, as far as they count for it
    std::map<std::uint64_t, Entry*> ready;  // of those that it sends, by order of arrival
    std::size_t ready_of_clients = 0;       // of those
    std::list<Payer*>::iterator place;      // in the round, while one of these is ready
    ledger::Balances reserved;              // by all entries that are ready; none zero
    Usage share;                            // the same
  };
  struct Entry {
    ledger::SealedTransaction transaction;
    std::uint64_t order = 0;  // of arrival
    Source source;
    ledger::Balances sender_debits;   // ascending by asset; with the fee if unsponsored
    ledger::Balances sponsor_debits;  // the fee, or nothing
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
    std::vector<ledger::TransactionId> evicted;  // parked ones that made room
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
    std::vector<DroppedTransaction> dropped;     // without being applied
    std::vector<ledger::TransactionId> evicted;  // parked ones that may not be ready again
    bool readiness_changed = false;              // of something that is still pooled
  };
  // Drops what the block applied, expired or ruled out, parks what the accounts that it touched
  // can't pay any more, and wakes what can be paid again, within its shares: by them, and by
  // whoever has something reserved no longer.
  AfterBlock on_committed(const CommittedBlock& block, const ledger::StateView& state);

  // Ready transactions by turn, 0 the first, and those of a sender in order of arrival, for as long
  // as visit(entry, turn) returns true.
  template <class Visit>
  void for_each_ready(Visit&& visit) const {
    std::vector<std::pair<ByOrder::const_iterator, ByOrder::const_iterator>> waiting;
    for (const Payer* sender : round_) {
      auto next = sender->ready.begin();
      if (!visit(std::as_const(*next->second), std::size_t{0})) return;
      if (++next != sender->ready.end()) waiting.emplace_back(next, sender->ready.end());
    }
    for (std::size_t turn = 1; !waiting.empty(); ++turn) {
      for (auto& [next, end] : waiting) {
        if (!visit(std::as_const(*next->second), turn)) return;
        ++next;
      }
      std::erase_if(waiting, [](const auto& each) { return each.first == each.second; });
    }
  }
  // Entries last announced before `cutoff`, at most `max`; marks them announced at `now`, which is
  // not before any time that was given earlier.
  std::vector<ledger::TransactionId> take_unannounced(base::TimePoint cutoff, base::TimePoint now,
                                                      std::size_t max);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t ready_count() const { return ready_.all.transactions; }
  [[nodiscard]] const ReadyTurns& ready_turns() const { return ready_turns_; }
  [[nodiscard]] std::size_t bytes() const { return pooled_.all.bytes; }

 private:
  using ByOrder = std::map<std::uint64_t, Entry*>;
  struct Usages {
    Usage all;
    Usage of_peers;
  };
  template <class Visit>  // visit(payer, debits) for each payer of the entry
  static void for_each_payer(const Entry& entry, Visit&& visit);
  // Null: nothing of it is pooled.
  [[nodiscard]] Payer* payer(const ledger::AccountId& account);
  [[nodiscard]] Payer& payer_of(const ledger::AccountId& account);
  [[nodiscard]] static ledger::TransactionResult coverage(const Entry& entry,
                                                          const ledger::StateView& state,
                                                          const Payer* sender,
                                                          const Payer* sponsor);
  [[nodiscard]] bool is_within(const Usage& used, std::size_t quarters, std::size_t bytes) const;
  [[nodiscard]] bool is_within_share(const Usage& share, const Usage& shared, std::size_t quarters,
                                     std::size_t bytes) const;
  [[nodiscard]] bool payers_may_have(const Entry& entry, const Payer* sender,
                                     const Payer* sponsor) const;
  [[nodiscard]] bool source_may_have(const Source& source, std::size_t bytes) const;
  [[nodiscard]] std::vector<ledger::TransactionId> to_evict(const Source& source,
                                                            std::size_t bytes) const;
  static void count(const Entry& entry, Usage& usage, bool added);
  static void count(const Entry& entry, Usages& usages, bool added);
  void insert(Entry incoming);
  void remove(Entry& entry);
  void leave(Payer& payer, const Entry& entry, std::size_t operations);
  void reserve(const Entry& entry);
  void free(const Entry& entry);
  void make_ready(Entry& entry);
  void unready(Entry& entry);
  void park(Entry& entry);
  void unpark(const Entry& entry);
  void drop_ruled_out(const ledger::AccountId& id, const ledger::NonceWindow& nonces,
                      AfterBlock& out);
  void park_overdrawn(const ledger::AccountId& id, const ledger::StateView& state, AfterBlock& out);
  void wake(const ledger::AccountId& id, const ledger::StateView& state, AfterBlock& out);

  MempoolConfig config_;
  const ledger::Genesis& genesis_;
  IdTable<Entry> entries_;
  std::list<Payer*> round_;                    // of senders, whose turn is first
  std::map<Source, ByOrder> parked_;           // clients first; none empty
  std::map<ledger::AccountId, Payer> payers_;  // none empty
  std::set<ledger::AccountId> freed_;          // payers with less reserved than before the block
  std::set<std::uint64_t> ready_before_;       // by order: what the block parked
  std::map<std::pair<base::UnixMillis, std::uint64_t>, Entry*> by_expiry_;  // then by order
  std::map<std::pair<base::TimePoint, std::uint64_t>, Entry*> by_announced_;
  Usages pooled_;
  Usages ready_;
  ReadyTurns ready_turns_;
  std::map<PeerIndex, Usage> ready_of_peer_;
  std::uint64_t order_next_ = 0;
};

}  // namespace peerpay::node
