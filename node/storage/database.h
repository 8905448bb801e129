#pragma once
// Database: RocksDB behind tables, keys and values of bytes. The only file that includes it is
// database.cpp; its options and the reason for each are there and in docs/spec/storage.md.
//
// Every error is final: it is latched, every later write repeats it, and failure() shows it to
// whoever watches. Also errors in the background (flush, compaction) and errors of reads:
// RocksDB 7.8 can lose data when it carries on after one (its HISTORY.md, 7.9 and 8.7), so the node
// stops instead.
//
// Callable from any thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "node/storage/error.h"

namespace peerpay::storage {

// Column families. Keys and values: schema.h.
enum class Table : std::uint8_t {
  kMeta = 0,
  kBodies = 1,
  kBodyHeights = 2,
  kChain = 3,
  kOutcomes = 4,
  kTransactions = 5,
  kHistory = 6,
  kAccounts = 7,
};
inline constexpr std::size_t kTables = 8;

// kSynced: on disk when the call returns. kUnsynced: on disk with the next synced write at the
// latest; until then a power cut may lose it, whole.
enum class Durability : std::uint8_t { kSynced, kUnsynced };

struct Row {
  base::Bytes key;
  base::Bytes value;
};

class Database {
 public:
  // Changes that happen all or not at all, in order. Belongs to the database that made it.
  class Batch {
   public:
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;
    ~Batch();
    void put(Table table, base::ByteView key, base::ByteView value);
    void erase(Table table, base::ByteView key);
    [[nodiscard]] std::size_t size_bytes() const;

   private:
    friend class Database;
    struct State;
    explicit Batch(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };

  // kMissing when there is no database, kInUse, kCorrupt, kFormatUnknown, kFull or kIo.
  [[nodiscard]] static StorageExpected<std::unique_ptr<Database>> open(const std::string& path);
  // A new one; what is at `path` is destroyed if it is a database.
  [[nodiscard]] static StorageExpected<std::unique_ptr<Database>> create(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] StorageExpected<std::optional<base::Bytes>> get(Table table,
                                                                base::ByteView key) const;
  [[nodiscard]] StorageExpected<std::optional<Row>> last(Table table) const;
  // Rows from the first key at or above `from`, ascending, as of one moment, until `visit` says
  // false.
  using Visit = std::function<bool(base::ByteView key, base::ByteView value)>;
  [[nodiscard]] StorageExpected<void> scan(Table table, base::ByteView from,
                                           const Visit& visit) const;

  [[nodiscard]] Batch batch() const;
  [[nodiscard]] StorageExpected<void> write(Batch&& batch, Durability durability);
  // Everything written so far goes to table files.
  [[nodiscard]] StorageExpected<void> flush();
  // Reads every byte back and compares all checksums.
  [[nodiscard]] StorageExpected<void> verify() const;

  // The first error that happened; empty while all is well.
  [[nodiscard]] std::optional<StorageError> failure() const;
  // Tells of that error, once, on the thread that met it; at once when it has happened already.
  // An empty function: nobody is told any more.
  void on_failure(std::function<void(const StorageError&)> listener);
  // A finding of our own about what was read: latched like any other error.
  [[nodiscard]] base::Unexpected<StorageError> corrupt(const std::string& what) const;
  [[nodiscard]] const std::string& path() const;

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace peerpay::storage
