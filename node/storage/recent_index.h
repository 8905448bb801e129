#pragma once
// RecentIndex: what the tables of transactions and of history lack: the rows of the blocks above
// `applied`, the height that the accounts on disk stand for.
//
// Rows of random keys cost the database least when many are written at once, in order. Those in
// memory are made anew by recover() from the blocks, like the accounts.
//
// Thread rule: one thread at a time calls what is not const (the writer); const members may be
// called from any thread at any time.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "base/ordered_map.h"
#include "ledger/block.h"
#include "node/storage/schema.h"
#include "node/storage/tables.h"

namespace peerpay::storage {

// The account to transactions index: set when the database is made, and never changed.
enum class HistoryIndex : std::uint8_t { kNone = 0, kKept = 1 };

class RecentIndex {
 public:
  // `above`: the height up to which the tables have all rows.
  RecentIndex(ledger::Height above, HistoryIndex history) : above_{above}, history_{history} {}

  // REQUIRES: the block above the last one added.
  void add(const ledger::Block& block);
  // Rows of all blocks added, sorted by key. For the writer alone.
  void write_to(Database::Batch& batch) const;
  // How many those are.
  [[nodiscard]] std::size_t rows() const;
  // The tables have all rows up to `above` now.
  void clear(ledger::Height above);

  [[nodiscard]] std::optional<Position> find(const ledger::TransactionId& id) const;
  struct HistoryRows {
    std::vector<Position> positions;  // newest first
    ledger::Height above;             // older ones stand in the table up to here
  };
  // The newest of the account before `before`, at most `limit`.
  [[nodiscard]] HistoryRows history(const ledger::AccountId& account, const Position& before,
                                    std::size_t limit) const;

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Row {
    Position position;
    std::uint32_t older = kNone;  // row of the same account
  };

  // write_to reads without it: nobody but the writer changes what it guards.
  mutable std::mutex mutex_;
  ledger::Height above_;                                            // guarded by mutex_
  base::OrderedMap<ledger::TransactionId, Position> transactions_;  // guarded by mutex_
  base::OrderedMap<ledger::AccountId, std::uint32_t> newest_;       // guarded by mutex_
  std::vector<Row> rows_;                                           // guarded by mutex_
  const HistoryIndex history_;
};

}  // namespace peerpay::storage
