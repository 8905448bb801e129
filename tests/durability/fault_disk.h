#pragma once
// FaultDisk: a disk under RocksDB that forgets, tears and refuses on command.
//
// Files lie in a real directory, as the running program sees them. Beside them the disk remembers
// what it has promised to keep: of each file the bytes that were synced, of the directory the names
// as of its last sync. A power cut freezes that promise. The program may run on, unaware, until it
// is closed; power_cut() then brings the directory into a state that the moment of the cut allows:
//
//   * of the bytes that were not synced, any number at the end is gone, also half a sector; or, as
//     on a file system that extends a file before it writes it, some sectors of them are zeros;
//   * of the creations, renamings and deletions since the directory was last synced, any number at
//     the end has not happened;
//   * what a failed sync should have kept is gone, even if a later one was said to succeed.
//
// One operation can be made to fail, once, with EIO or ENOSPC.
//
// Callable from any thread; the methods of one test from one.

#include <cstdint>
#include <memory>
#include <string>

#include "base/rng.h"

namespace rocksdb {
class Env;
}

namespace peerpay::durability {

enum class Operation : std::uint8_t {
  kRead,
  kWrite,
  kSync,
  kCreate,
  kRename,
  kDelete,
  kSyncDirectory
};
inline constexpr std::size_t kOperations = 7;

enum class Refusal : std::uint8_t { kError, kNoSpace };

// kCutShort: an ordered journal, as ext4 by default, XFS and Btrfs. kHoles: zeros where bytes were
// to come, as ext4 with data=writeback.
enum class Tail : std::uint8_t { kCutShort, kHoles };

struct Loss {
  std::uint64_t bytes = 0;    // written, not synced, and gone
  std::uint64_t torn = 0;     // files that end within what was not synced
  std::uint64_t holes = 0;    // sectors that became zeros
  std::uint64_t changes = 0;  // of the directory that have not happened
};

class FaultDisk {
 public:
  // Of one database in `directory`, or `directory`.new before it got its name. `aside` is an empty
  // directory on the same file system.
  FaultDisk(std::string directory, std::string aside);
  ~FaultDisk();
  FaultDisk(const FaultDisk&) = delete;
  FaultDisk& operator=(const FaultDisk&) = delete;

  // What a process has for a file system: a new one for each; nothing is planned. It lives until
  // the next one starts, or for ever when an operation of it failed.
  rocksdb::Env& start_process();
  // From now on everything fails that this process still asks for.
  void end_process();

  // The power goes after so many operations other than reads.
  void cut_after(std::uint64_t operations);
  // The `nth` operation of that kind from now fails, from 0. A write has written half by then.
  void fail(Operation operation, std::uint64_t nth, Refusal refusal);
  void cut_now();

  bool is_cut() const;
  bool has_failed() const;           // this process met the failure
  std::uint64_t operations() const;  // of all processes, other than reads

  // REQUIRES: the database is closed. Without a cut before, the power goes now.
  Loss power_cut(base::Rng& rng, Tail tail);

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
  std::unique_ptr<rocksdb::Env> environment_;
};

}  // namespace peerpay::durability
