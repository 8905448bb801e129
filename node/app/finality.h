#pragma once
// Finality: who waits for which transaction, and how it ended. Filled by the storage thread, when a
// block is durable; asked by the client service. Thread-safe.
//
// What ended lately, for ever, is remembered, so that a waiter who comes just after the block is
// answered from memory; what is older is in the store.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/ids.h"
#include "ledger/receipt.h"
#include "ledger/result.h"
#include "node/core/effects.h"
#include "node/core/id_table.h"
#include "node/storage/schema.h"
#include "proto/client/node_api.h"

namespace peerpay::app {

class Finality {
 public:
  // Called once, on any thread, with how the transaction ended.
  using Done = std::function<void(const proto::TransactionStatus&)>;
  using WatchId = std::uint64_t;

  // Remembers about `remembered_max` endings.
  explicit Finality(std::size_t remembered_max) : remembered_max_{remembered_max} {}

  // Answers at once, and returns no id, when it has just ended. `valid_until` is the caller's word
  // and nobody else's: when ledger time is past it, this watch ends as expired, and neither another
  // watch nor what is remembered changes. Right for the caller if the word is true: no block above
  // the ledger's time can hold the transaction. REQUIRES: in the core's pool, on the core thread;
  // or looked for in the store, after which fewer than `remembered_max` have ended.
  [[nodiscard]] std::optional<WatchId> watch(const ledger::TransactionId& id,
                                             std::optional<base::UnixMillis> valid_until,
                                             Done done);
  // Afterwards `done` is not called any more; false when it was, or is being, called.
  bool unwatch(const ledger::TransactionId& id, WatchId watch);

  // The block is final, but not durable yet: its transactions are neither pending in the core nor
  // found in the store.
  void committing(const node::CommittedBlock& block);
  // REQUIRES: the block is durable.
  void committed(const node::CommittedBlock& block);
  [[nodiscard]] bool is_committing(const ledger::TransactionId& id) const;
  // Height and timestamp of the newest durable block. `start` says what they are before the first
  // commit.
  void start(ledger::Height height, base::UnixMillis ledger_time);
  [[nodiscard]] ledger::Height height() const;
  [[nodiscard]] base::UnixMillis ledger_time() const;
  // It left the pool without being applied. Those who watch are told; only what can never be
  // applied any more is remembered: what made room may be taken again, here or elsewhere, and a
  // watch that comes afterwards waits for how that ends. Whoever had it admitted before must
  // therefore ask the core whether it is still there (Backend::follow).
  void dropped(const node::DroppedTransaction& transaction);
  [[nodiscard]] std::optional<proto::TransactionStatus> recent(
      const ledger::TransactionId& id) const;

 private:
  struct Watch {
    Done done;
    std::optional<base::UnixMillis> valid_until;
  };
  // Ids that clients choose: a tree, in which no choice makes anything slower.
  using Watches = std::map<std::pair<ledger::TransactionId, WatchId>, Watch>;
  struct Ending {
    proto::TransactionStatus status;
    std::vector<Watch> watches;
  };
  // REQUIRES for all: mutex_ held.
  [[nodiscard]] Ending end(proto::TransactionStatus status);
  [[nodiscard]] Ending take_watches(proto::TransactionStatus status);
  [[nodiscard]] Watch take(Watches::iterator place);
  static void tell(const std::vector<Ending>& endings);

  const std::size_t remembered_max_;
  mutable std::mutex mutex_;
  Watches watches_;                                 // guarded by mutex_
  node::IdTable<proto::TransactionStatus> recent_;  // guarded by mutex_
  std::deque<ledger::TransactionId> recent_order_;  // guarded by mutex_
  std::map<std::pair<base::UnixMillis, WatchId>, ledger::TransactionId>
      expiries_;  // guarded by mutex_: of those in watches_ that name one
  std::map<ledger::Height, std::vector<ledger::TransactionId>>
      committing_;                // guarded by mutex_: ids ascending
  ledger::Height height_;         // guarded by mutex_
  base::UnixMillis ledger_time_;  // guarded by mutex_
  WatchId watch_next_ = 1;        // guarded by mutex_
};

// The status of a transaction that was applied.
[[nodiscard]] proto::TransactionStatus final_status(const ledger::Outcome& outcome,
                                                    const storage::Position& position,
                                                    base::UnixMillis block_timestamp);
// The status of one that this node does not keep, by its own policy: no verdict of the ledger, so
// the same bytes may be sent again.
[[nodiscard]] proto::TransactionStatus policy_status(const ledger::TransactionId& id,
                                                     std::string_view code,
                                                     std::string_view sentence);
// The status of one that was admitted and left the pool without a verdict of the ledger.
[[nodiscard]] proto::TransactionStatus evicted_status(const ledger::TransactionId& id);
// The status of one that was refused: never for class `never`, the same bytes again for class
// `later`.
[[nodiscard]] proto::TransactionStatus refused_status(const ledger::TransactionId& id,
                                                      ledger::TransactionResult result);

}  // namespace peerpay::app
