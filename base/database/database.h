#pragma once
// Database: RocksDB behind tables, keys and values of bytes, for the node's chain and the gateway's
// merchants. The only files that include RocksDB are database.cpp and platform.cpp; its options and
// the reason for each are there and in docs/spec/storage.md.
//
// Every error is final: it is latched, every later write repeats it, and failure() shows it to
// whoever watches. Also errors in the background (flush, compaction) and errors of reads:
// RocksDB 7.8 can lose data when it carries on after one (its HISTORY.md, 7.9 and 8.7), so the
// program stops instead.
//
// Callable from any thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "base/expected.h"

namespace peerpay::database {

enum class DatabaseFault : std::uint8_t {
  kMissing,        // nothing there
  kInUse,          // another process has it open
  kFormatUnknown,  // written by a newer version
  kCorrupt,        // bytes are not what was written
  kFull,           // too little of the disk is free to open it
  kIo,             // the operating system refused, the device failed, or the disk is full
};

struct DatabaseError {
  DatabaseFault fault = DatabaseFault::kIo;
  std::string message;  // for the operator: names the directory and says what to do
};
template <class T>
using DatabaseExpected = base::Expected<T, DatabaseError>;

// One column family. The texts and tables of the settings must be constants.
struct TableSpec {
  std::string_view name;  // on disk, for ever; the first table's is "default"
  bool is_filtered =
      false;              // asked for keys that are often not there: a filter answers from memory
  bool is_cached = true;  // false: values so large that one scan would empty the cache, or values
                          // that are read once
  // Keys come in no order: files are merged with others of their size, which rewrites a row less
  // often than levels do, and at times takes twice the room.
  bool is_random = false;
};

struct DatabaseSettings {
  std::span<const TableSpec> tables;
  // What the operator is told to do, in whole sentences: when content is damaged, and when the disk
  // refuses or is full.
  std::string_view damage_advice;
  std::string_view refusal_advice;
};

// Position of a table in the settings. Modules name theirs by an enum in that order.
class TableId {
 public:
  template <class Enum, class = std::enable_if_t<std::is_enum_v<Enum>>>
  constexpr TableId(Enum table)  // NOLINT(google-explicit-constructor): an enum is such a name
      : index_{static_cast<std::size_t>(table)} {}
  constexpr std::size_t index() const { return index_; }

 private:
  std::size_t index_;
};

// kSynced: on disk when the call returns. kUnsynced: on disk with the next synced write at the
// latest; until then a power cut may lose it, whole.
enum class Durability : std::uint8_t { kSynced, kUnsynced };

struct Row {
  base::Bytes key;
  base::Bytes value;
};

class Database {
 public:
  // Changes that happen all or not at all, in order; fastest when the keys of each table ascend.
  // Belongs to the database that made it.
  class Batch {
   public:
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;
    ~Batch();
    void put(TableId table, base::ByteView key, base::ByteView value);
    void erase(TableId table, base::ByteView key);
    [[nodiscard]] std::size_t size_bytes() const;

   private:
    friend class Database;
    struct State;
    explicit Batch(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };

  // Every fault is possible; only kMissing, kInUse and kFormatUnknown promise that nothing changed.
  [[nodiscard]] static DatabaseExpected<std::unique_ptr<Database>> open(
      const std::string& path, const DatabaseSettings& settings);
  // A new one; what is at `path` is destroyed if it is a database.
  [[nodiscard]] static DatabaseExpected<std::unique_ptr<Database>> create(
      const std::string& path, const DatabaseSettings& settings);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] DatabaseExpected<std::optional<base::Bytes>> get(TableId table,
                                                                 base::ByteView key) const;
  [[nodiscard]] DatabaseExpected<std::optional<Row>> last(TableId table) const;
  // Rows from the first key at or above `from`, ascending, as of one moment, until `visit` says
  // false.
  using Visit = std::function<bool(base::ByteView key, base::ByteView value)>;
  [[nodiscard]] DatabaseExpected<void> scan(TableId table, base::ByteView from,
                                            const Visit& visit) const;

  [[nodiscard]] Batch batch() const;
  [[nodiscard]] DatabaseExpected<void> write(Batch&& batch, Durability durability);
  // Everything written so far goes to table files.
  [[nodiscard]] DatabaseExpected<void> flush();
  // Reads every byte back and compares all checksums.
  [[nodiscard]] DatabaseExpected<void> verify() const;

  // The first error that happened; empty while all is well.
  [[nodiscard]] std::optional<DatabaseError> failure() const;
  // Tells of that error, once, on the thread that met it; at once when it has happened already.
  // An empty function: nobody is told any more.
  void on_failure(std::function<void(const DatabaseError&)> listener);
  // A finding of our own about what was read: latched like any other error.
  [[nodiscard]] base::Unexpected<DatabaseError> corrupt(const std::string& what) const;
  [[nodiscard]] const std::string& path() const;

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace peerpay::database
