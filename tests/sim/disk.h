#pragma once
// SimDisk: what one node finds again after a crash, or does not. It holds exactly what the node's
// storage promises (DESIGN, 7):
//
//   sign log      records in order; those appended after the last sync may be lost, from the end
//   blocks        bodies of unfinalized blocks, each durable once stored
//   chain         finalized blocks, each durable alone: a crash may leave a head whose certificate,
//   a later block's, is lost state         the accounts at one applied height, at or below the
//   chain's; load() replays the rest
//
// Bytes are kept encoded and decoded again when loaded, so what can't be read back is noticed.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "ledger/genesis.h"
#include "node/core/effects.h"
#include "node/core/replica.h"

namespace peerpay::sim {

//
// Every record and block is sealed, as the real ones have checksums: what rots, or is written to a
// wrong place, is found when the node starts. A write or sync may fail; after that nobody knows how
// much of what was not synced is there, and the node must stop.

enum class DiskHealth : std::uint8_t { kGood, kSignLogDamaged, kStoreDamaged };

class SimDisk {
 public:
  // `genesis` must outlive the disk and its copies.
  explicit SimDisk(const ledger::Genesis& genesis);

  // False for all three when the disk failed instead.
  [[nodiscard]] bool append(const consensus::SafetyRecord& record);
  [[nodiscard]] bool sync();
  [[nodiscard]] bool commit(const node::CommittedBlock& block);
  // The next write, or the next sync, fails: EIO, or no space.
  enum class Failing : std::uint8_t { kNothing, kWrite, kSync };
  void fail_next(Failing what) { failing_ = what; }
  // Replaces the log in one durable step.
  void compact(const std::vector<consensus::SafetyRecord>& records);
  [[nodiscard]] std::size_t sign_log_records() const { return sign_log_.size(); }

  void store(const node::BlockToStore& block);
  void flush_state();

  // Loses what was not synced, from a point on that `rng` draws. Returns how many records that are.
  std::size_t crash(base::Rng& rng);
  // A record rots, or a sector of it is torn, or another one is written over it. False when there
  // is none that was synced.
  bool damage_sign_log(base::Rng& rng);
  // A block rots. False when there is none.
  bool damage_store(base::Rng& rng);
  [[nodiscard]] DiskHealth health() const;

  // The operator found the log missing or damaged: a new one says that votes are missing.
  void begin_sign_log_anew();

  // Canaries: what a lying disk would do.
  void lose_sign_log();
  void lose_last_commit();

  // REQUIRES: health() is good; what was written can be read and replays to the same state root;
  // anything else is a bug of ours.
  [[nodiscard]] node::Bootstrap load() const;

  [[nodiscard]] ledger::Height height() const { return {chain_.size()}; }
  [[nodiscard]] const ledger::BlockHeader& head() const;
  [[nodiscard]] ledger::BlockHash hash_at(ledger::Height height) const;
  // Height of the block that holds a transaction.
  [[nodiscard]] std::optional<ledger::Height> find(const ledger::TransactionId& id) const;
  [[nodiscard]] std::optional<ledger::Block> block(const ledger::BlockHash& hash) const;
  // At most `blocks_max` consecutive blocks from a height on, ending at a certificate when one is
  // within reach.
  [[nodiscard]] node::SyncBatch sync_batch(ledger::Height from, std::size_t blocks_max) const;

 private:
  struct Finalized {
    ledger::BlockHash hash;
    ledger::BlockHeader header;
    base::Bytes block;
    std::uint64_t seal = 0;
    ledger::StateChanges changes;  // after the block; in RAM until flushed
    std::optional<consensus::Certificate> certificate;
  };
  [[nodiscard]] ledger::Block decoded(const base::Bytes& bytes) const;
  void replay(ledger::MemoryState& state) const;

  // Of a record at its place in the log.
  struct Sealed {
    base::Bytes bytes;
    std::uint64_t seal = 0;
  };
  [[nodiscard]] bool fails(Failing what);

  const ledger::Genesis* genesis_;
  Failing failing_ = Failing::kNothing;
  std::vector<Sealed> sign_log_;
  std::size_t sign_log_synced_ = 0;
  struct Unfinalized {
    ledger::Height height;
    base::Bytes bytes;
  };
  std::map<ledger::BlockHash, Unfinalized> unfinalized_;  // above the head
  std::vector<Finalized> chain_;                          // [0] is height 1
  std::map<ledger::BlockHash, ledger::Height> heights_;
  std::map<ledger::TransactionId, ledger::Height> transactions_;
  ledger::MemoryState state_;
  ledger::Height state_height_;
  ledger::BlockHeader genesis_header_;
};

// The genesis accounts, and the root of their tree.
[[nodiscard]] ledger::MemoryState genesis_state(const ledger::Genesis& genesis);
[[nodiscard]] ledger::StateRoot state_root(const ledger::MemoryState& state);

}  // namespace peerpay::sim
