#include "node/storage/sign_log.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

namespace peerpay::storage {
namespace {

using base::Bytes;
using base::Unexpected;
using consensus::SafetyRecord;

// Of a rewritten log; far below kFrameBytesMax whatever the records are.
constexpr std::size_t kFrameRecordsMax = 1024;

std::string new_path(const std::string& path) { return path + ".new"; }

// The log is a file of the node's home.
std::string rejoin_command(const std::string& path) {
  const auto home = std::filesystem::path{path}.parent_path().string();
  return "peerpayd rejoin --home " + (home.empty() ? "." : home);
}

Unexpected<StorageError> damaged(const std::string& path, std::uint64_t offset,
                                 const std::string& what) {
  return storage_failure(
      StorageFault::kCorrupt,
      "Sign log " + path + ", offset " + std::to_string(offset) + ": " + what +
          " The votes of this validator are not known for certain, so it must not vote. Nothing "
          "was changed. Next: " +
          rejoin_command(path) +
          " moves the file aside and lets the validator find out from the others where its votes "
          "end. Never put an older copy in its place.");
}

Unexpected<StorageError> unreadable(const std::string& path, std::uint64_t offset) {
  return storage_failure(StorageFault::kFormatUnknown,
                         "Sign log " + path + ", offset " + std::to_string(offset) +
                             ": the format is not known to this program. Nothing was changed. Use "
                             "the version of the node that wrote it, or a later one.");
}

StorageExpected<SignLogHeader> read_header(const std::string& path, base::ByteView content) {
  const auto header = decode_header(content);
  if (header) return *header;
  switch (header.error()) {
    case HeaderFault::kDamaged: return damaged(path, 0, "the header is damaged.");
    case HeaderFault::kNotASignLog: return damaged(path, 0, "this is not a sign log.");
    case HeaderFault::kVersionUnknown: return unreadable(path, 0);
  }
  PEERPAY_UNREACHABLE("every HeaderFault is handled");
}

StorageExpected<void> check_identity(const std::string& path, const SignLogHeader& header,
                                     const SignerIdentity& signer) {
  if (header.signer == signer) return {};
  const bool network = header.signer.network != signer.network;
  return storage_failure(StorageFault::kIdentityMismatch,
                         "Sign log " + path + " belongs to another " +
                             (network ? "network" : "validator") + " (" +
                             (network ? base::to_hex(header.signer.network.view())
                                      : base::to_hex(header.signer.validator.view())) +
                             "). Nothing was changed. The log, the genesis or the key is not this "
                             "node's.");
}

StorageExpected<void> check_tail(const std::string& path, const SignLogScan& scan) {
  const std::uint64_t offset = scan.fault_sector * kSectorBytes;
  switch (scan.tail) {
    case SignLogTail::kClean:
    case SignLogTail::kTorn: return {};
    case SignLogTail::kDamaged: return damaged(path, offset, "the records are damaged.");
    case SignLogTail::kUnreadable: return unreadable(path, offset);
  }
  PEERPAY_UNREACHABLE("every SignLogTail is handled");
}

// The system's refusal says nothing about the content: the log may be as good as ever.
Unexpected<StorageError> refused_by_system(const os::IoError& error) {
  auto failure = storage_failure(error);
  failure.error.message +=
      " The sign log was not changed, and may well be whole: keep it. Next: find out why the "
      "system refuses, then start again.";
  return failure;
}

Unexpected<StorageError> open_failure(const std::string& path, const os::IoError& error) {
  auto failure = storage_failure(error);
  if (failure.error.fault == StorageFault::kMissing) {
    failure.error.message = "No sign log at " + path +
                            ". A validator whose vote record is missing must not vote. "
                            "Next: " +
                            rejoin_command(path);
    return failure;
  }
  if (failure.error.fault == StorageFault::kInUse) {
    failure.error.message = "Sign log " + path +
                            " is in use by another process. One validator key votes in one process "
                            "only: stop the other.";
    return failure;
  }
  return refused_by_system(error);
}

StorageExpected<Bytes> read_content(LockedFile& file, const std::string& path) {
  auto content = file.read(kSignLogBytesMax);
  if (content) return std::move(*content);
  if (content.error().errno_value != EFBIG) return refused_by_system(content.error());
  return damaged(path, kSignLogBytesMax, "the file is longer than a sign log ever gets.");
}

// S4: what a process that was killed had written may be read back and acted on, so it must be
// durable first; the same holds for the file's name.
StorageExpected<std::unique_ptr<LockedFile>> open_durable(Files& files, const std::string& path) {
  auto file = files.open(path, OpenMode::kExisting);
  if (!file) return open_failure(path, file.error());
  auto synced = (*file)->sync();
  if (synced) synced = files.sync_directory_of(path);
  if (!synced) return refused_by_system(synced.error());
  return std::move(*file);
}

// Header and records as a file, written ahead with zeros.
struct NewLog {
  Bytes content;
  SignLogPosition end;
};

NewLog encode_log(const SignLogHeader& header, std::span<const SafetyRecord> records) {
  NewLog log{encode_header(header), {}};
  log.end = first_position(log.content);
  while (!records.empty()) {
    const std::size_t count = std::min(records.size(), kFrameRecordsMax);
    const SignLogFrame frame = encode_frame(log.end, records.first(count));
    log.content.insert(log.content.end(), frame.bytes.begin(), frame.bytes.end());
    log.end = frame.next;
    records = records.subspan(count);
  }
  // At least as much room again as is used, so that rewriting costs less than what is appended.
  log.content.resize(std::max(kSignLogCapacityBytes, 2 * log.content.size()));
  return log;
}

}  // namespace

StorageExpected<SignLog> SignLog::create(Files& files, const std::string& path,
                                         const SignerIdentity& signer, const SignLogId& instance,
                                         std::span<const SafetyRecord> records) {
  const auto present = files.open(path, OpenMode::kExisting);
  if (!present && present.error().errno_value != ENOENT) return storage_failure(present.error());
  if (present) {
    return storage_failure(StorageFault::kExists,
                           "There is a sign log at " + path + " already; it was left alone.");
  }
  SignLog log{files, path};
  const SignLogHeader header{instance, signer, 0, {}};
  if (const auto refusal = log.guard_.keep_all(records)) return log.refuse(*refusal);
  if (const auto done = log.replace_file(header, records, os::Existing::kRefuse); !done) {
    // Held by another process, it is not ours.
    if (done.error().fault != StorageFault::kInUse) files.remove(new_path(path));
    return Unexpected{done.error()};
  }
  return log;
}

StorageExpected<SignLog::Opened> SignLog::open(Files& files, const std::string& path,
                                               const SignerIdentity& signer) {
  auto file = open_durable(files, path);
  if (!file) return Unexpected{file.error()};
  const auto content = read_content(**file, path);
  if (!content) return Unexpected{content.error()};
  const auto header = read_header(path, *content);
  if (!header) return Unexpected{header.error()};
  if (const auto same = check_identity(path, *header, signer); !same) {
    return Unexpected{same.error()};
  }
  SignLogScan scan = scan_frames(*content);
  if (const auto sound = check_tail(path, scan); !sound) return Unexpected{sound.error()};

  SignLog log{files, path};
  if (const auto refusal = log.guard_.keep_all(scan.records)) {
    return damaged(
        path, 0,
        "two votes in view " + std::to_string(refusal->view.value) + " exclude each other.");
  }
  log.guard_.raise_floor(header->floor);
  log.file_ = std::move(*file);
  log.header_ = *header;
  log.position_ = scan.end;
  log.capacity_bytes_ = content->size();
  Opened opened{std::move(log), std::move(scan.records), 0};
  if (scan.tail == SignLogTail::kTorn) {
    opened.torn_bytes = content->size() - scan.end.sector * kSectorBytes;
    if (const auto cut = opened.log.cut_tail(); !cut) return Unexpected{cut.error()};
  }
  return opened;
}

StorageExpected<void> SignLog::cut_tail() {
  capacity_bytes_ = position_.sector * kSectorBytes;
  auto done = file_->truncate(capacity_bytes_);
  if (done) done = file_->sync();
  if (!done) return fail(storage_failure(done.error()));
  return {};
}

StorageExpected<void> SignLog::append(std::span<const SafetyRecord> records) {
  if (failure_) return Unexpected{*failure_};
  if (records.empty()) return {};
  if (const auto refusal = guard_.keep_all(records)) return refuse(*refusal);
  const SignLogFrame frame = encode_frame(position_, records);
  if (frame.next.sector * kSectorBytes > kSignLogBytesMax) {
    return fail(storage_failure(StorageFault::kFull, "Sign log " + path_ + " is full."));
  }
  auto done = file_->write(position_.sector * kSectorBytes, frame.bytes);
  if (done) done = file_->sync();
  if (!done) return fail(storage_failure(done.error()));
  position_ = frame.next;
  return {};
}

StorageExpected<void> SignLog::compact(std::span<const SafetyRecord> records) {
  if (failure_) return Unexpected{*failure_};
  PromiseGuard kept;
  if (const auto refusal = kept.keep_all(records)) return refuse(*refusal);
  kept.raise_floor(std::max(guard_.floor(), guard_.view_highest_not_in(kept)));
  if (const auto refusal = guard_.keep_all(records)) return refuse(*refusal);

  SignLogHeader header = header_;
  header.generation += 1;
  header.floor = kept.floor();
  if (const auto done = replace_file(header, records, os::Existing::kReplace); !done) return done;
  guard_ = std::move(kept);
  return {};
}

StorageExpected<void> SignLog::replace_file(const SignLogHeader& header,
                                            std::span<const SafetyRecord> records,
                                            os::Existing existing) {
  auto file = files_->open(new_path(path_), OpenMode::kEmpty);
  if (!file) return fail(storage_failure(file.error()));
  const NewLog log = encode_log(header, records);
  auto done = (*file)->write(0, log.content);
  if (done) done = (*file)->sync();
  if (done) done = files_->rename(new_path(path_), path_, existing);
  if (done) done = files_->sync_directory_of(path_);
  if (!done) return fail(storage_failure(done.error()));
  file_ = std::move(*file);
  header_ = header;
  position_ = log.end;
  capacity_bytes_ = log.content.size();
  return {};
}

bool SignLog::wants_compaction() const {
  return position_.sector * kSectorBytes >= capacity_bytes_;
}

Unexpected<StorageError> SignLog::fail(const Unexpected<StorageError>& error) {
  failure_ = error.error;
  return error;
}

Unexpected<StorageError> SignLog::refuse(const PromiseGuard::Refusal& refusal) {
  return fail(storage_failure(
      StorageFault::kPromiseBroken,
      "Sign log " + path_ + " refuses a vote in view " + std::to_string(refusal.view.value) + ": " +
          std::string{sentence(refusal.conflict)} +
          " Nothing was written. The node must stop: its consensus state is "
          "wrong."));
}

}  // namespace peerpay::storage
