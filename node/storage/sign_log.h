#pragma once
// SignLog: the vote record of one validator, on disk. It holds the promises, not the key: whoever
// holds the key signs nothing that was not appended here first (rule: persist before send).
//
// Crash-safe at every step (format and reasons: docs/spec/storage.md, "Sign log"). A log that is
// missing, damaged or another validator's is refused with what to do, and left as it is: a
// validator that cannot read its vote record must not vote.
//
// Any error of append() or compact() is final: the object repeats it for ever, and the process must
// stop. After a failed write or sync nobody knows what the disk holds, and asking again may lie
// ("Can Applications Recover from fsync Failures?", USENIX ATC 2020).
//
// Not safe for threads: one thread owns it.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "consensus/effects.h"
#include "node/storage/error.h"
#include "node/storage/files.h"
#include "node/storage/promise_guard.h"
#include "node/storage/sign_log_format.h"

namespace peerpay::storage {

// A new log is written ahead with zeros to this size, so that an append changes no metadata and its
// sync costs one write to the device instead of two.
inline constexpr std::size_t kSignLogCapacityBytes = std::size_t{1} << 20;
// Appending beyond is refused (kFull). Owners compact long before: see wants_compaction.
inline constexpr std::size_t kSignLogBytesMax = std::size_t{256} << 20;

class SignLog {
 public:
  struct Opened;

  // A new log that begins with `records`, durable on return. kExists when there is one: it is left
  // alone. Leaves no half-made file when it fails. `files` must outlive the log. `instance` is 16
  // random bytes.
  [[nodiscard]] static StorageExpected<SignLog> create(
      Files& files, const std::string& path, const SignerIdentity& signer,
      const SignLogId& instance, std::span<const consensus::SafetyRecord> records = {});

  // kMissing, kInUse, kIdentityMismatch, kFormatUnknown, kCorrupt (also for votes in the log that
  // exclude each other) or kIo. Changes nothing on error; otherwise cuts a torn append off.
  [[nodiscard]] static StorageExpected<Opened> open(Files& files, const std::string& path,
                                                    const SignerIdentity& signer);

  // Durable on return: one write and one sync, or nothing for no records. kPromiseBroken when a
  // vote among them excludes one that was made before.
  [[nodiscard]] StorageExpected<void> append(std::span<const consensus::SafetyRecord> records);

  // Rewrites the log to hold just `records`, those that a restart still needs. From then on no vote
  // is accepted at or below the highest view of which a vote was dropped. After a crash at any
  // moment the log is the old one or the new.
  [[nodiscard]] StorageExpected<void> compact(std::span<const consensus::SafetyRecord> records);

  // The space that was written ahead is used up: appends work but cost more.
  [[nodiscard]] bool wants_compaction() const;
  [[nodiscard]] const SignLogHeader& header() const { return header_; }
  // Highest view with a vote that was ever in this log; 0 when there is none.
  [[nodiscard]] consensus::View view_highest() const { return guard_.view_highest(); }

 private:
  SignLog(Files& files, std::string path) : files_{&files}, path_{std::move(path)} {}

  [[nodiscard]] StorageExpected<void> replace_file(const SignLogHeader& header,
                                                   std::span<const consensus::SafetyRecord> records,
                                                   os::Existing existing);
  [[nodiscard]] StorageExpected<void> cut_tail();
  [[nodiscard]] base::Unexpected<StorageError> fail(const base::Unexpected<StorageError>& error);
  [[nodiscard]] base::Unexpected<StorageError> refuse(const PromiseGuard::Refusal& refusal);

  Files* files_;
  std::string path_;
  std::unique_ptr<LockedFile> file_;
  SignLogHeader header_;
  SignLogPosition position_;
  std::uint64_t capacity_bytes_ = 0;
  PromiseGuard guard_;
  std::optional<StorageError> failure_;
};

struct SignLog::Opened {
  SignLog log;
  std::vector<consensus::SafetyRecord> records;  // in the order they were appended
  std::uint64_t torn_bytes = 0;                  // that were cut off; worth a warning, not more
};

}  // namespace peerpay::storage
