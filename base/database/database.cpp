#include "base/database/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <functional>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/database/platform.h"

namespace peerpay::database {
namespace {

using base::Bytes;
using base::ByteView;
using base::Unexpected;
using rocksdb::Status;

// Memory: a validator shall run in 200 MiB beside its accounts, four of them on a small machine.
constexpr std::size_t kBlockCacheBytes = std::size_t{16} << 20;
constexpr std::size_t kWriteBuffersBytes = std::size_t{32} << 20;  // of all tables together
constexpr std::uint64_t kWalBytesMax = std::uint64_t{64} << 20;    // bounds the time to reopen
constexpr std::uint64_t kManifestBytesMax = std::uint64_t{16} << 20;
constexpr int kOpenFilesMax = 256;
// More than a write, and a reopening that rewrites its logs, can take.
constexpr std::uintmax_t kFreeBytesMin = std::uintmax_t{128} << 20;
constexpr double kFilterBitsPerKey = 10;  // one false positive in a hundred
constexpr std::size_t kProtectionBytesPerKey = 8;

rocksdb::Slice slice(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
ByteView view(const rocksdb::Slice& slice) {
  return {reinterpret_cast<const std::uint8_t*>(slice.data()), slice.size()};
}
Bytes copy(const rocksdb::Slice& slice) {
  const ByteView bytes = view(slice);
  return {bytes.begin(), bytes.end()};
}

Unexpected<DatabaseError> failure_of(DatabaseFault fault, std::string message) {
  return Unexpected{DatabaseError{fault, std::move(message)}};
}

// In one line: RocksDB lists missing files on a line each.
std::string text_of(const Status& status) {
  std::string out = status.ToString();
  while (!out.empty() && out.back() == '\n') out.pop_back();
  for (auto at = out.find('\n'); at != std::string::npos; at = out.find('\n', at)) {
    out.replace(at, 1, "; ");
  }
  return out;
}

// A file of the database that is not there is damage, not a disk that refuses.
DatabaseFault fault_of(const Status& status) {
  return status.IsCorruption() || status.IsPathNotFound() ? DatabaseFault::kCorrupt
                                                          : DatabaseFault::kIo;
}

// The first error, for ever. Callable from any thread.
class Latch {
 public:
  Latch(std::string path, const DatabaseSettings& settings)
      : path_{std::move(path)}, settings_{settings} {}

  const std::string& path() const { return path_; }

  Unexpected<DatabaseError> set(DatabaseFault fault, const std::string& what) {
    std::unique_lock lock{mutex_};
    if (failure_) return Unexpected{*failure_};
    failure_ =
        DatabaseError{fault, "Database " + path_ + ": " + what + ". " + std::string{advice(fault)}};
    const DatabaseError failure = *failure_;
    lock.unlock();
    const std::lock_guard telling{listener_mutex_};
    if (listener_) listener_(failure);
    return Unexpected{failure};
  }
  Unexpected<DatabaseError> set(const Status& status) {
    return set(fault_of(status), text_of(status));
  }
  std::optional<DatabaseError> failure() const {
    const std::lock_guard lock{mutex_};
    return failure_;
  }
  // When it returns, the listener before is not called any more.
  void listen(std::function<void(const DatabaseError&)> listener) {
    const std::lock_guard telling{listener_mutex_};
    listener_ = std::move(listener);
    const auto failed = failure();
    if (failed && listener_) listener_(*failed);
  }

 private:
  std::string_view advice(DatabaseFault fault) const {
    const bool refused = fault == DatabaseFault::kIo || fault == DatabaseFault::kFull;
    return refused ? settings_.refusal_advice : settings_.damage_advice;
  }

  const std::string path_;
  const DatabaseSettings settings_;
  mutable std::mutex mutex_;
  std::optional<DatabaseError> failure_;                // guarded by mutex_
  std::mutex listener_mutex_;                           // held while the listener is called
  std::function<void(const DatabaseError&)> listener_;  // guarded by listener_mutex_
};

// RocksDB 7.8 ends the process by an assertion when a file of its own met a full disk, when closing
// as well as when opening. So we stop while there is room.
std::optional<std::string> shortage(const std::string& path) {
  std::error_code error;
  const auto space = std::filesystem::space(path, error);
  if (error || space.available >= kFreeBytesMin) return std::nullopt;
  return "only " + std::to_string(space.available >> 20) + " MiB of its disk are free, and " +
         std::to_string(kFreeBytesMin >> 20) + " are needed";
}

// RocksDB would try to carry on after an error; we do not.
class StopOnError final : public rocksdb::EventListener {
 public:
  explicit StopOnError(std::shared_ptr<Latch> latch) : latch_{std::move(latch)} {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason, Status* error) override {
    static_cast<void>(latch_->set(*error));
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, Status error,
                            bool* auto_recovery) override {
    static_cast<void>(latch_->set(error));
    *auto_recovery = false;
  }

 private:
  std::shared_ptr<Latch> latch_;
};

rocksdb::DBOptions database_options(const std::shared_ptr<Latch>& latch) {
  rocksdb::DBOptions options;
  options.env = platform().environment;
  // What was acknowledged is never rolled back: damage in the middle of a log refuses to open.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.recycle_log_file_num = 0;
  // Safe here because durable writes use WriteOptions::sync and never SyncWAL (7.8 issue #10892).
  options.track_and_verify_wals_in_manifest = true;
  options.max_bgerror_resume_count = 0;
  options.listeners = {std::make_shared<StopOnError>(latch)};
  options.paranoid_checks = true;
  options.flush_verify_memtable_count = true;
  options.verify_sst_unique_id_in_manifest = true;
  options.fail_if_options_file_error = true;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.max_background_jobs = 3;                  // a flush, and a merge beside a long one
  options.allow_concurrent_memtable_write = false;  // one thread writes
  options.db_write_buffer_size = kWriteBuffersBytes;
  options.max_total_wal_size = kWalBytesMax;
  options.max_manifest_file_size = kManifestBytesMax;
  options.max_open_files = kOpenFilesMax;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.keep_log_file_num = 2;
  return options;
}

rocksdb::ColumnFamilyOptions table_options(const TableSpec& table,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = platform().write_buffer_bytes;
  options.max_write_buffer_number = 2;
  options.compression = rocksdb::kNoCompression;  // signatures and hashes do not compress
  // Each insertion starts its search where the last one ended: batches come sorted by key.
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(0));
  if (table.is_random) options.compaction_style = rocksdb::kCompactionStyleUniversal;
  options.paranoid_file_checks = true;
  options.force_consistency_checks = true;
  options.memtable_protection_bytes_per_key = kProtectionBytesPerKey;
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.cache_index_and_filter_blocks = true;
  blocks.cache_index_and_filter_blocks_with_high_priority = true;
  if (table.is_filtered) {
    blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
    // In parts, so that a filter larger than the cache still works.
    blocks.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    blocks.partition_filters = true;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  return options;
}

DatabaseFault fault_of_open(const Status& status) {
  const std::string text = text_of(status);
  if (text.find("lock hold by current process") != std::string::npos ||
      text.find("/LOCK: Resource temporarily unavailable") != std::string::npos) {
    return DatabaseFault::kInUse;
  }
  // Tables that this version does not know.
  return status.IsInvalidArgument() ? DatabaseFault::kFormatUnknown : fault_of(status);
}

Unexpected<DatabaseError> open_failure(const std::string& path, Latch& latch,
                                       const Status& status) {
  const DatabaseFault fault = fault_of_open(status);
  if (fault == DatabaseFault::kInUse) {
    return failure_of(fault, "Database " + path + " is in use by another process. Stop it.");
  }
  if (fault == DatabaseFault::kFormatUnknown) {
    return failure_of(fault, "Database " + path + " was written by a newer version (" +
                                 text_of(status) +
                                 "). Nothing was changed. Use that version, or a later one.");
  }
  return latch.set(fault, text_of(status));
}

}  // namespace

struct Database::State {
  State(const std::string& path, const DatabaseSettings& settings)
      : latch{std::make_shared<Latch>(path, settings)}, specs{settings.tables} {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    // A file that failed can't be closed: RocksDB asserts that it was synced. The process ends.
    const auto failure = latch->failure();
    if (failure && failure->fault == DatabaseFault::kIo) {
      static_cast<void>(db.release());
      return;
    }
    for (auto* handle : tables) db->DestroyColumnFamilyHandle(handle);
    if (db) static_cast<void>(db->Close());
  }

  rocksdb::ColumnFamilyHandle* table(TableId id) const { return tables[id.index()]; }
  rocksdb::ReadOptions read_options(TableId id) const {
    rocksdb::ReadOptions options;
    options.fill_cache = specs[id.index()].is_cached;
    return options;
  }

  std::shared_ptr<Latch> latch;
  std::span<const TableSpec> specs;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> tables;
};

struct Database::Batch::State {
  explicit State(const Database::State& owner)
      : tables{&owner}, writes{0, 0, kProtectionBytesPerKey, 0} {}
  const Database::State* tables;
  rocksdb::WriteBatch writes;
};

Database::Batch::Batch(std::unique_ptr<State> state) : state_{std::move(state)} {}
Database::Batch::Batch(Batch&&) noexcept = default;
Database::Batch& Database::Batch::operator=(Batch&&) noexcept = default;
Database::Batch::~Batch() = default;

void Database::Batch::put(TableId table, ByteView key, ByteView value) {
  const Status status = state_->writes.Put(state_->tables->table(table), slice(key), slice(value));
  PEERPAY_CHECK(status.ok(), "a batch in memory takes what is put in it");
}

void Database::Batch::erase(TableId table, ByteView key) {
  const Status status = state_->writes.Delete(state_->tables->table(table), slice(key));
  PEERPAY_CHECK(status.ok(), "a batch in memory takes what is put in it");
}

std::size_t Database::Batch::size_bytes() const { return state_->writes.GetDataSize(); }

Database::Database(std::unique_ptr<State> state) : state_{std::move(state)} {}
Database::~Database() = default;

namespace {

Status open_tables(const rocksdb::DBOptions& options, const std::string& path,
                   std::span<const TableSpec> specs, const std::shared_ptr<rocksdb::Cache>& cache,
                   std::vector<rocksdb::ColumnFamilyHandle*>& handles,
                   std::unique_ptr<rocksdb::DB>& db) {
  std::vector<rocksdb::ColumnFamilyDescriptor> tables;
  for (const auto& spec : specs) {
    tables.emplace_back(std::string{spec.name}, table_options(spec, cache));
  }
  rocksdb::DB* opened = nullptr;
  const Status status = rocksdb::DB::Open(options, path, tables, &handles, &opened);
  db.reset(opened);
  return status;
}

// One table after the other: RocksDB 7.8 ends the process by an assertion when it is asked to make
// them while opening (create_missing_column_families) and the disk refuses one.
Status create_tables(const rocksdb::DBOptions& options, const std::string& path,
                     std::span<const TableSpec> specs,
                     std::vector<rocksdb::ColumnFamilyHandle*>& handles,
                     std::unique_ptr<rocksdb::DB>& db) {
  const auto cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  Status status = open_tables(options, path, specs.first(1), cache, handles, db);
  for (const auto& spec : specs.subspan(1)) {
    if (!status.ok()) break;
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    status = db->CreateColumnFamily(table_options(spec, cache), std::string{spec.name}, &handle);
    if (handle != nullptr) handles.push_back(handle);
  }
  return status;
}

}  // namespace

DatabaseExpected<std::unique_ptr<Database>> Database::open(const std::string& path,
                                                           const DatabaseSettings& settings) {
  const Status present = platform().environment->FileExists(path + "/CURRENT");
  if (present.IsNotFound())
    return failure_of(DatabaseFault::kMissing, "No database at " + path + ".");
  auto state = std::make_unique<State>(path, settings);
  if (const auto short_of = shortage(path))
    return state->latch->set(DatabaseFault::kFull, *short_of);
  const Status status =
      open_tables(database_options(state->latch), path, state->specs,
                  rocksdb::NewLRUCache(kBlockCacheBytes), state->tables, state->db);
  if (!status.ok()) return open_failure(path, *state->latch, status);
  return std::unique_ptr<Database>{new Database{std::move(state)}};
}

DatabaseExpected<std::unique_ptr<Database>> Database::create(const std::string& path,
                                                             const DatabaseSettings& settings) {
  auto state = std::make_unique<State>(path, settings);
  if (const auto short_of = shortage(std::filesystem::path{path}.parent_path())) {
    return state->latch->set(DatabaseFault::kFull, *short_of);
  }
  rocksdb::DBOptions options = database_options(state->latch);
  options.create_if_missing = true;
  options.error_if_exists = true;
  rocksdb::Options destroyed;
  destroyed.env = options.env;
  Status status = rocksdb::DestroyDB(path, destroyed);
  if (status.ok()) status = create_tables(options, path, state->specs, state->tables, state->db);
  if (!status.ok()) return open_failure(path, *state->latch, status);
  return std::unique_ptr<Database>{new Database{std::move(state)}};
}

DatabaseExpected<std::optional<Bytes>> Database::get(TableId table, ByteView key) const {
  rocksdb::PinnableSlice value;
  const Status status =
      state_->db->Get(state_->read_options(table), state_->table(table), slice(key), &value);
  if (status.IsNotFound()) return std::optional<Bytes>{};
  if (!status.ok()) return state_->latch->set(status);
  return std::optional{copy(value)};
}

DatabaseExpected<std::optional<Row>> Database::last(TableId table) const {
  const std::unique_ptr<rocksdb::Iterator> rows{
      state_->db->NewIterator(rocksdb::ReadOptions{}, state_->table(table))};
  rows->SeekToLast();
  if (!rows->status().ok()) return state_->latch->set(rows->status());
  if (!rows->Valid()) return std::optional<Row>{};
  return std::optional{Row{copy(rows->key()), copy(rows->value())}};
}

DatabaseExpected<void> Database::scan(TableId table, ByteView from, const Visit& visit) const {
  const std::unique_ptr<rocksdb::Iterator> rows{
      state_->db->NewIterator(state_->read_options(table), state_->table(table))};
  for (rows->Seek(slice(from)); rows->Valid(); rows->Next()) {
    if (!visit(view(rows->key()), view(rows->value()))) return {};
  }
  if (!rows->status().ok()) return state_->latch->set(rows->status());
  return {};
}

Database::Batch Database::batch() const { return Batch{std::make_unique<Batch::State>(*state_)}; }

DatabaseExpected<void> Database::write(Batch&& batch, Durability durability) {
  if (const auto failed = failure()) return Unexpected{*failed};
  if (durability == Durability::kSynced) {
    if (const auto short_of = shortage(path()))
      return state_->latch->set(DatabaseFault::kIo, *short_of);
  }
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kSynced;
  options.protection_bytes_per_key = kProtectionBytesPerKey;
  const Status status = state_->db->Write(options, &batch.state_->writes);
  if (!status.ok()) return state_->latch->set(status);
  return {};
}

DatabaseExpected<void> Database::flush() {
  const Status status = state_->db->Flush(rocksdb::FlushOptions{}, state_->tables);
  if (!status.ok()) return state_->latch->set(status);
  return {};
}

DatabaseExpected<void> Database::verify() const {
  Status status = state_->db->VerifyFileChecksums(rocksdb::ReadOptions{});
  if (status.ok()) status = state_->db->VerifyChecksum();
  if (!status.ok()) return state_->latch->set(status);
  return {};
}

void Database::on_failure(std::function<void(const DatabaseError&)> listener) {
  state_->latch->listen(std::move(listener));
}

std::optional<DatabaseError> Database::failure() const { return state_->latch->failure(); }

Unexpected<DatabaseError> Database::corrupt(const std::string& what) const {
  return state_->latch->set(DatabaseFault::kCorrupt, what);
}

const std::string& Database::path() const { return state_->latch->path(); }

}  // namespace peerpay::database
