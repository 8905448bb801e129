#pragma once
// Store: what a node keeps on disk beside its sign log. Blocks and certificates; and as of
// `applied`, a height at or below the head, where each transaction is, who took part in it, and the
// accounts.
//
//   put_block     before the vote that relies on the block: durable on return
//   commit        before anyone is told "final": one synced batch for each final block
//   flush_state   about once a second and at the end: accounts that changed and the rows of the
//                 indexes, all at one height
//
// Both may lag behind the head, as the blocks between are their redo log: recover() in recovery.h
// replays them, and until then they are not found. Formats and recovery table:
// docs/spec/storage.md.
//
// Thread rule: one thread at a time calls what is not const (the writer); const members may be
// called from any thread at any time. After any error but kCursorInvalid the node must stop: see
// failure().

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/should_stop.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "ledger/limits.h"
#include "ledger/receipt.h"
#include "ledger/state.h"
#include "node/storage/error.h"
#include "node/storage/recent_index.h"
#include "node/storage/schema.h"
#include "node/storage/sign_log.h"

namespace peerpay::storage {

inline constexpr std::size_t kHistoryPageMax = 200;
// Of a page's transactions: with the rest of 200 entries it fits the 4 MiB that a gRPC client takes
// by default.
inline constexpr std::size_t kHistoryPageBytesMax = std::size_t{3} * 1024 * 1024;
static_assert(kHistoryPageBytesMax >= ledger::kSignedTransactionBytesMax, "one fits a page");
inline constexpr std::size_t kSyncBlocksMax = 512;         // of one answer
inline constexpr std::size_t kUnfinalizedBlocksMax = 256;  // that a restart takes up
// Of the indexes in memory: up to 80 bytes each.
inline constexpr std::size_t kRecentRowsMax = 262'144;

// Borrowed: everything must outlive the call.
struct FinalizedBlock {
  const ledger::Block& block;
  const ledger::BlockHash& hash;
  std::span<const ledger::Outcome> outcomes;  // one for each transaction
  const ledger::StateChanges& changes;
  // Of this very block; null when a descendant's certificate finalized it.
  const consensus::Certificate* certificate = nullptr;
};

struct StoredBlock {
  ledger::Height height;
  ledger::BlockHash hash;
  base::Bytes bytes;  // encoded block
  std::optional<consensus::Certificate> certificate;
};

struct StoredTransaction {
  Position position;
  base::UnixMillis block_timestamp;
  ledger::Outcome outcome;
  base::Bytes bytes;  // encoded SignedTransaction
};

struct HistoryPage {
  std::vector<StoredTransaction> transactions;  // newest first
  std::string next_cursor;                      // empty at the end
};

// What proves a block final: its header and its descendants' up to the one that was certified.
struct CertifiedChain {
  std::vector<ledger::BlockHeader> headers;
  consensus::Certificate certificate;  // of the last header
};

class Store {
 public:
  // Opens the database in the directory `path`, or makes one with the state of the genesis; its
  // parent directory must exist. Refuses another network's (kIdentityMismatch), a newer version's
  // (kFormatUnknown), one with the other HistoryIndex (kSettingMismatch), a damaged one (kCorrupt)
  // and one that is in use (kInUse). After a crash while making one, or when it was told to stop
  // (kStopped), it is made again. REQUIRES: genesis.invalid_reason() is empty.
  [[nodiscard]] static StorageExpected<std::unique_ptr<Store>> open(
      const std::string& path, const ledger::Network& network, HistoryIndex history,
      const base::ShouldStop& should_stop = base::never_stop);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Writer
  // -----------------------------------------------------------------------------------------

  // The bytes of a block that is not final yet. Durable on return. Does nothing when it is there
  // already, or when its height is final: it is stored then, or it can never be.
  [[nodiscard]] StorageExpected<void> put_block(const ledger::BlockHeader& header,
                                                const ledger::BlockHash& hash,
                                                base::ByteView bytes);

  // Durable on return, all or nothing. Drops other blocks of this height. REQUIRES: the child of
  // the head, after recovery; no call has failed.
  [[nodiscard]] StorageExpected<void> commit(const FinalizedBlock& finalized);

  // Not durable before the next commit or put_block, which is soon enough. REQUIRES: after
  // recovery.
  [[nodiscard]] StorageExpected<void> flush_state();
  // Whether what waits for flush_state has grown so large that it should not wait for its time.
  [[nodiscard]] bool holds_much() const { return recent_.rows() >= kRecentRowsMax; }

  // From the next commit on, the database vouches that the sign log had come this far.
  void note_sign_log(const SignLogMark& mark) { sign_log_mark_ = mark; }

  // Restart
  // ----------------------------------------------------------------------------------------

  struct LoadedState {
    ledger::MemoryState accounts;
    ledger::Height applied;  // the block after which they were so
  };
  [[nodiscard]] StorageExpected<LoadedState> load_state(
      const base::ShouldStop& should_stop = base::never_stop) const;
  // The block after the last replayed (or applied) one, and what it changed. Nothing is written
  // before the next flush_state.
  void adopt_replayed(const ledger::Block& block, const ledger::StateChanges& changes);
  // Blocks above the head, ascending by height, at most kUnfinalizedBlocksMax.
  [[nodiscard]] StorageExpected<std::vector<StoredBlock>> unfinalized_blocks() const;
  // S30. kOutdated when the log is not the one this database has seen, or is older than it was
  // then: its validator must not vote.
  [[nodiscard]] StorageExpected<void> check_sign_log(const SignLog& log) const;

  // The log was made anew, or is known to lack votes: from now on it is the one to compare with.
  // Durable on return.
  [[nodiscard]] StorageExpected<void> adopt_sign_log(const SignLogMark& mark);

  // Reads
  // ------------------------------------------------------------------------------------------
  // Empty results mean "not there".

  [[nodiscard]] StorageExpected<ChainEntry> head() const;
  [[nodiscard]] StorageExpected<std::optional<ChainEntry>> chain_entry(ledger::Height height) const;
  // Final blocks only.
  [[nodiscard]] StorageExpected<std::optional<StoredBlock>> block_at(ledger::Height height) const;
  // Any block, with its certificate when it is final and has one.
  [[nodiscard]] StorageExpected<std::optional<StoredBlock>> block(
      const ledger::BlockHash& hash) const;
  // In the order of the block's transactions.
  [[nodiscard]] StorageExpected<std::vector<ledger::Outcome>> outcomes(ledger::Height height) const;
  // Empty when no certificate lies at or above `height` within ledger::kReceiptChainMax headers.
  [[nodiscard]] StorageExpected<std::optional<CertifiedChain>> certified_chain(
      ledger::Height height) const;
  [[nodiscard]] StorageExpected<std::optional<StoredTransaction>> find_transaction(
      const ledger::TransactionId& id) const;
  // `cursor` is empty for the newest, or the next_cursor of the page before; pages do not shift
  // when new transactions come in. A page ends before `limit` when more would exceed
  // kHistoryPageBytesMax. kCursorInvalid for any other text. REQUIRES: limit of 1 to
  // kHistoryPageMax. Without HistoryIndex::kKept all pages are empty.
  [[nodiscard]] StorageExpected<HistoryPage> history(const ledger::AccountId& account,
                                                     std::string_view cursor,
                                                     std::size_t limit) const;
  // Final blocks from a height on: as many as fit into `bytes_max`, at least one, at most
  // kSyncBlocksMax; ends at a certified one if there is one among them. Empty above the head.
  [[nodiscard]] StorageExpected<std::vector<StoredBlock>> blocks_from(ledger::Height height,
                                                                      std::size_t bytes_max) const;

  [[nodiscard]] const std::string& path() const;
  // Reads everything back and compares all checksums.
  [[nodiscard]] StorageExpected<void> verify() const;
  // The first error that happened, of a write, a read, or in the background. The node must stop.
  [[nodiscard]] std::optional<StorageError> failure() const;
  // Tells of that error, once, on the thread that met it; at once when it has happened already.
  // An empty function: nobody is told any more.
  void on_failure(std::function<void(const StorageError&)> listener);
  // A finding about the content, latched like an error of the database.
  [[nodiscard]] base::Unexpected<StorageError> corrupt(const std::string& what) const;

 private:
  Store(std::unique_ptr<database::Database> database, const ChainEntry& head,
        ledger::Height applied, HistoryIndex history);

  [[nodiscard]] StorageExpected<std::optional<Position>> position_of(
      const ledger::TransactionId& id) const;
  struct HistoryRows {
    std::vector<Position> positions;
    bool more = false;
  };
  // Those after `after` (or the newest), at most `limit`, and whether more follow.
  [[nodiscard]] StorageExpected<HistoryRows> history_rows(const ledger::AccountId& account,
                                                          const std::optional<Position>& after,
                                                          std::size_t limit) const;
  void add_changes(const ledger::StateChanges& changes);

  std::unique_ptr<database::Database> database_;
  ChainEntry head_;              // of the writer
  ledger::Height state_height_;  // that the accounts on disk and dirty_ stand for together
  // Changed since the last flush_state.
  base::OrderedMap<ledger::AccountId, ledger::Account> dirty_;
  RecentIndex recent_;
  std::optional<SignLogMark> sign_log_mark_;
};

}  // namespace peerpay::storage
