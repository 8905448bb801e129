#include "tests/durability/fault_disk.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace peerpay::durability {
namespace {

namespace fs = std::filesystem;
using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr std::uint64_t kSectorBytes = 512;

struct File {
  std::uint64_t written = 0;
  std::uint64_t synced = 0;
  bool is_poisoned = false;  // a sync failed: no later one keeps anything
  std::uint64_t written_at_cut = 0;
  std::uint64_t synced_at_cut = 0;
};
using FilePointer = std::shared_ptr<File>;

// One change of the directory, and what undoes it.
struct Change {
  enum class Kind : std::uint8_t { kCreate, kDelete, kRename };
  Kind kind;
  std::string name;
  std::string target;  // of a renaming
  std::string aside;   // where the file lies that was deleted or replaced; empty for none
  FilePointer lost;    // its state
};

// RocksDB's diary and its lock do not matter to anyone.
bool is_tracked(const std::string& path) {
  const std::string name = fs::path{path}.filename().string();
  return !name.starts_with("LOG") && name != "LOCK";
}

}  // namespace

class FaultDisk::Impl {
 public:
  Impl(std::string directory, std::string aside)
      : directory_{std::move(directory)}, aside_{std::move(aside)} {}

  // One of RocksDB's operations: what is planned for it happens before it does.
  IOStatus admit(std::uint64_t asking, Operation operation);
  // Of a write: how much of it reaches the file before it fails.
  IOStatus append(std::uint64_t asking, const FilePointer& file, rocksdb::FSWritableFile& target,
                  const Slice& bytes, const IOOptions& options, IODebugContext* debug);
  IOStatus sync(std::uint64_t asking, const FilePointer& file);
  IOStatus sync_directory(std::uint64_t asking);
  IOStatus remove(std::uint64_t asking, const std::string& path);
  IOStatus rename(std::uint64_t asking, const std::string& from, const std::string& to);
  // The state of a file that is made anew, in place of what may be there.
  IOStatus create(std::uint64_t asking, const std::string& path, FilePointer& file);

  Loss power_cut(base::Rng& rng, Tail tail);

  mutable std::mutex mutex;
  std::uint64_t process = 0;  // that is running; 0: none
  std::uint64_t processes = 0;
  std::optional<std::uint64_t> cut_at;
  struct Failure {
    Operation operation;
    std::uint64_t left;
    Refusal refusal;
  };
  std::optional<Failure> failure;
  bool has_failed = false;
  bool is_cut = false;
  std::uint64_t operations = 0;

  void freeze();

 private:
  std::string set_aside(const std::string& path);
  void undo(const Change& change);
  void lose(File& file, const std::string& path, base::Rng& rng, Tail tail, Loss& loss);

  const std::string directory_;
  const std::string aside_;
  std::uint64_t set_aside_ = 0;
  std::map<std::string, FilePointer> files_;  // by name, that are not known to be durable
  std::vector<Change> changes_;               // since the directory was synced
  std::size_t changes_at_cut_ = 0;
  bool had_name_at_cut_ = false;
};

namespace {
std::string name_of(const std::string& path) { return fs::path{path}.filename().string(); }

IOStatus refused(Refusal refusal) {
  return refusal == Refusal::kNoSpace ? IOStatus::NoSpace("a test's disk", "is full")
                                      : IOStatus::IOError("a test's disk", "refuses");
}
}  // namespace

void FaultDisk::Impl::freeze() {
  if (is_cut) return;
  is_cut = true;
  changes_at_cut_ = changes_.size();
  had_name_at_cut_ = fs::exists(directory_);
  const auto keep = [](File& file) {
    file.written_at_cut = file.written;
    file.synced_at_cut = file.synced;
  };
  for (auto& [name, file] : files_) keep(*file);
  for (auto& change : changes_) {
    if (change.lost) keep(*change.lost);
  }
}

IOStatus FaultDisk::Impl::admit(std::uint64_t asking, Operation operation) {
  if (asking != process) return IOStatus::IOError("a test's disk", "the process has ended");
  if (operation != Operation::kRead) {
    if (cut_at && operations >= *cut_at) freeze();
    ++operations;
  }
  if (!failure || failure->operation != operation) return IOStatus::OK();
  if (failure->left-- > 0) return IOStatus::OK();
  const Refusal refusal = failure->refusal;
  failure.reset();
  has_failed = true;
  return refused(refusal);
}

IOStatus FaultDisk::Impl::append(std::uint64_t asking, const FilePointer& file,
                                 rocksdb::FSWritableFile& target, const Slice& bytes,
                                 const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock{mutex};
  const IOStatus admitted = admit(asking, Operation::kWrite);
  const Slice part{bytes.data(), admitted.ok() ? bytes.size() : bytes.size() / 2};
  if (!admitted.ok() && asking != process) return admitted;
  IOStatus done = target.Append(part, options, debug);
  if (done.ok() && file) file->written += part.size();
  return admitted.ok() ? done : admitted;
}

IOStatus FaultDisk::Impl::sync(std::uint64_t asking, const FilePointer& file) {
  const std::lock_guard lock{mutex};
  IOStatus admitted = admit(asking, Operation::kSync);
  if (!file) return admitted;
  if (!admitted.ok()) file->is_poisoned = true;
  if (!file->is_poisoned) file->synced = file->written;
  return admitted;
}

IOStatus FaultDisk::Impl::sync_directory(std::uint64_t asking) {
  const std::lock_guard lock{mutex};
  IOStatus admitted = admit(asking, Operation::kSyncDirectory);
  if (!admitted.ok() || is_cut) return admitted;
  for (const auto& change : changes_) {
    if (!change.aside.empty()) fs::remove(change.aside);
  }
  changes_.clear();
  return admitted;
}

std::string FaultDisk::Impl::set_aside(const std::string& path) {
  if (!fs::exists(path)) return {};
  std::string place = aside_ + "/" + std::to_string(++set_aside_);
  fs::rename(path, place);
  return place;
}

IOStatus FaultDisk::Impl::remove(std::uint64_t asking, const std::string& path) {
  const std::lock_guard lock{mutex};
  IOStatus admitted = admit(asking, Operation::kDelete);
  if (!admitted.ok()) return admitted;
  if (!fs::exists(path)) return IOStatus::PathNotFound(path, "no such file");
  Change change{Change::Kind::kDelete, name_of(path), {}, set_aside(path), {}};
  if (const auto known = files_.extract(change.name)) change.lost = known.mapped();
  changes_.push_back(std::move(change));
  return admitted;
}

IOStatus FaultDisk::Impl::create(std::uint64_t asking, const std::string& path, FilePointer& file) {
  const std::lock_guard lock{mutex};
  IOStatus admitted = admit(asking, Operation::kCreate);
  if (!admitted.ok()) return admitted;
  const std::string name = name_of(path);
  if (fs::exists(path)) {
    Change removal{Change::Kind::kDelete, name, {}, set_aside(path), {}};
    if (const auto known = files_.extract(name)) removal.lost = known.mapped();
    changes_.push_back(std::move(removal));
  }
  file = std::make_shared<File>();
  files_.insert_or_assign(name, file);
  changes_.push_back({Change::Kind::kCreate, name, {}, {}, {}});
  return admitted;
}

IOStatus FaultDisk::Impl::rename(std::uint64_t asking, const std::string& from,
                                 const std::string& to) {
  const std::lock_guard lock{mutex};
  IOStatus admitted = admit(asking, Operation::kRename);
  if (!admitted.ok()) return admitted;
  Change change{Change::Kind::kRename, name_of(from), name_of(to), set_aside(to), {}};
  if (const auto replaced = files_.extract(change.target)) change.lost = replaced.mapped();
  fs::rename(from, to);
  if (auto moved = files_.extract(change.name)) {
    moved.key() = change.target;
    files_.insert(std::move(moved));
  }
  changes_.push_back(std::move(change));
  return admitted;
}

void FaultDisk::Impl::undo(const Change& change) {
  const std::string root = (fs::exists(directory_) ? directory_ : directory_ + ".new") + "/";
  const bool renamed = change.kind == Change::Kind::kRename;
  if (change.kind == Change::Kind::kCreate) {
    fs::remove(root + change.name);
    files_.erase(change.name);
  }
  if (renamed) {
    fs::rename(root + change.target, root + change.name);
    if (auto moved = files_.extract(change.target)) {
      moved.key() = change.name;
      files_.insert(std::move(moved));
    }
  }
  const std::string& name = renamed ? change.target : change.name;
  if (!change.aside.empty()) fs::rename(change.aside, root + name);
  if (change.lost) files_[name] = change.lost;
}

void FaultDisk::Impl::lose(File& file, const std::string& path, base::Rng& rng, Tail tail,
                           Loss& loss) {
  const std::uint64_t low = file.synced_at_cut;
  const std::uint64_t high = file.written_at_cut;
  const std::uint64_t size = rng.chance(1, 3)   ? low
                             : rng.chance(1, 3) ? high
                                                : rng.between(low, high);
  fs::resize_file(path, size);
  loss.bytes += high - size;
  loss.torn += size > low && size < high ? 1 : 0;
  file.written = file.synced = size;
  if (tail == Tail::kCutShort) return;
  std::fstream stream{path, std::ios::in | std::ios::out | std::ios::binary};
  for (std::uint64_t at = low; at < size;) {
    const std::uint64_t end = std::min(size, (at / kSectorBytes + 1) * kSectorBytes);
    if (rng.chance(1, 2)) {
      stream.seekp(static_cast<std::streamoff>(at));
      stream << std::string(end - at, '\0');
      ++loss.holes;
    }
    at = end;
  }
}

Loss FaultDisk::Impl::power_cut(base::Rng& rng, Tail tail) {
  const std::lock_guard lock{mutex};
  freeze();
  if (!had_name_at_cut_ && fs::exists(directory_)) fs::rename(directory_, directory_ + ".new");
  Loss loss;
  const std::size_t kept = rng.chance(1, 3)   ? 0
                           : rng.chance(1, 2) ? changes_at_cut_
                                              : rng.between(0, changes_at_cut_);
  for (; changes_.size() > kept; changes_.pop_back()) {
    loss.changes += changes_.size() <= changes_at_cut_ ? 1 : 0;
    undo(changes_.back());
  }
  for (const auto& change : changes_) {
    if (!change.aside.empty()) fs::remove(change.aside);
  }
  changes_.clear();
  const std::string root = (fs::exists(directory_) ? directory_ : directory_ + ".new") + "/";
  for (auto& [name, file] : files_) lose(*file, root + name, rng, tail, loss);
  files_.clear();
  is_cut = false;
  return loss;
}

namespace {

using ImplPointer = std::shared_ptr<FaultDisk::Impl>;

class TrackedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  TrackedFile(std::unique_ptr<rocksdb::FSWritableFile> target, ImplPointer disk,
              std::uint64_t process, FilePointer file)
      : FSWritableFileOwnerWrapper{std::move(target)},
        disk_{std::move(disk)},
        process_{process},
        file_{std::move(file)} {}

  IOStatus Append(const Slice& bytes, const IOOptions& options, IODebugContext* debug) override {
    return disk_->append(process_, file_, *target(), bytes, options, debug);
  }
  IOStatus Append(const Slice& bytes, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
    return Append(bytes, options, debug);
  }
  // Never the real one's: the test's disk alone decides what is kept.
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return disk_->sync(process_, file_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return disk_->sync(process_, file_);
  }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  ImplPointer disk_;
  std::uint64_t process_;
  FilePointer file_;
};

class ReadFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  ReadFile(std::unique_ptr<rocksdb::FSRandomAccessFile> target, ImplPointer disk,
           std::uint64_t process)
      : FSRandomAccessFileOwnerWrapper{std::move(target)},
        disk_{std::move(disk)},
        process_{process} {}

  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* debug) const override {
    IOStatus admitted = admit();
    if (!admitted.ok()) return admitted;
    return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch, debug);
  }
  IOStatus MultiRead(rocksdb::FSReadRequest* requests, std::size_t count, const IOOptions& options,
                     IODebugContext* debug) override {
    IOStatus admitted = admit();
    if (!admitted.ok()) return admitted;
    return FSRandomAccessFileOwnerWrapper::MultiRead(requests, count, options, debug);
  }

 private:
  IOStatus admit() const {
    const std::lock_guard lock{disk_->mutex};
    return disk_->admit(process_, Operation::kRead);
  }
  ImplPointer disk_;
  std::uint64_t process_;
};

class SequentialFile final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  SequentialFile(std::unique_ptr<rocksdb::FSSequentialFile> target, ImplPointer disk,
                 std::uint64_t process)
      : FSSequentialFileOwnerWrapper{std::move(target)},
        disk_{std::move(disk)},
        process_{process} {}

  IOStatus Read(std::size_t size, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) override {
    IOStatus admitted = [&] {
      const std::lock_guard lock{disk_->mutex};
      return disk_->admit(process_, Operation::kRead);
    }();
    if (!admitted.ok()) return admitted;
    return FSSequentialFileOwnerWrapper::Read(size, options, result, scratch, debug);
  }

 private:
  ImplPointer disk_;
  std::uint64_t process_;
};

class Directory final : public rocksdb::FSDirectory {
 public:
  Directory(ImplPointer disk, std::uint64_t process) : disk_{std::move(disk)}, process_{process} {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return disk_->sync_directory(process_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  ImplPointer disk_;
  std::uint64_t process_;
};

class Lock final : public rocksdb::FileLock {};

class ProcessFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  ProcessFileSystem(ImplPointer disk, std::uint64_t process)
      : FileSystemWrapper{rocksdb::FileSystem::Default()},
        disk_{std::move(disk)},
        process_{process} {}

  const char* Name() const override { return "peerpay.FaultDisk"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* debug) override {
    if (!is_tracked(path)) return target()->NewWritableFile(path, options, result, debug);
    FilePointer file;
    IOStatus done = disk_->create(process_, path, file);
    if (!done.ok()) return done;
    done = target()->NewWritableFile(path, options, result, debug);
    if (!done.ok()) return done;
    *result = std::make_unique<TrackedFile>(std::move(*result), disk_, process_, std::move(file));
    return done;
  }
  // Files are written once, from the beginning: nothing here is ready for more.
  IOStatus ReopenWritableFile(const std::string&, const FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("ReopenWritableFile");
  }
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("ReuseWritableFile");
  }
  IOStatus NewRandomRWFile(const std::string&, const FileOptions&,
                           std::unique_ptr<rocksdb::FSRandomRWFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("NewRandomRWFile");
  }
  IOStatus LinkFile(const std::string&, const std::string&, const IOOptions&,
                    IODebugContext*) override {
    return IOStatus::NotSupported("LinkFile");
  }
  IOStatus Truncate(const std::string&, std::size_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("Truncate");
  }

  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext* debug) override {
    IOStatus done = target()->NewRandomAccessFile(path, options, result, debug);
    if (done.ok()) *result = std::make_unique<ReadFile>(std::move(*result), disk_, process_);
    return done;
  }
  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext* debug) override {
    IOStatus done = target()->NewSequentialFile(path, options, result, debug);
    if (done.ok()) *result = std::make_unique<SequentialFile>(std::move(*result), disk_, process_);
    return done;
  }
  IOStatus NewDirectory(const std::string&, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) override {
    *result = std::make_unique<Directory>(disk_, process_);
    return IOStatus::OK();
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* debug) override {
    return is_tracked(path) ? disk_->remove(process_, path)
                            : target()->DeleteFile(path, options, debug);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    return is_tracked(to) ? disk_->rename(process_, from, to)
                          : target()->RenameFile(from, to, options, debug);
  }
  // A process that has ended holds none, whatever it left behind in ours.
  IOStatus LockFile(const std::string&, const IOOptions&, rocksdb::FileLock** lock,
                    IODebugContext*) override {
    *lock = new Lock;
    return IOStatus::OK();
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    delete lock;
    return IOStatus::OK();
  }

 private:
  ImplPointer disk_;
  std::uint64_t process_;
};

}  // namespace

FaultDisk::FaultDisk(std::string directory, std::string aside)
    : impl_{std::make_shared<Impl>(std::move(directory), std::move(aside))} {}
FaultDisk::~FaultDisk() { end_process(); }

rocksdb::Env& FaultDisk::start_process() {
  const std::lock_guard lock{impl_->mutex};
  impl_->process = ++impl_->processes;
  impl_->cut_at.reset();
  impl_->failure.reset();
  impl_->has_failed = false;
  environment_ =
      rocksdb::NewCompositeEnv(std::make_shared<ProcessFileSystem>(impl_, impl_->process));
  return *environment_;
}

void FaultDisk::end_process() {
  const std::lock_guard lock{impl_->mutex};
  impl_->process = 0;
  // A database that failed is never closed, so it needs its environment for ever.
  if (impl_->has_failed) static_cast<void>(environment_.release());
  impl_->cut_at.reset();
  impl_->failure.reset();
}

void FaultDisk::cut_after(std::uint64_t operations) {
  const std::lock_guard lock{impl_->mutex};
  impl_->cut_at = impl_->operations + operations;
}

void FaultDisk::fail(Operation operation, std::uint64_t nth, Refusal refusal) {
  const std::lock_guard lock{impl_->mutex};
  impl_->failure = {operation, nth, refusal};
}

void FaultDisk::cut_now() {
  const std::lock_guard lock{impl_->mutex};
  impl_->freeze();
}

bool FaultDisk::is_cut() const {
  const std::lock_guard lock{impl_->mutex};
  return impl_->is_cut;
}

bool FaultDisk::has_failed() const {
  const std::lock_guard lock{impl_->mutex};
  return impl_->has_failed;
}

std::uint64_t FaultDisk::operations() const {
  const std::lock_guard lock{impl_->mutex};
  return impl_->operations;
}

Loss FaultDisk::power_cut(base::Rng& rng, Tail tail) { return impl_->power_cut(rng, tail); }

}  // namespace peerpay::durability
