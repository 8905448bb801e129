#pragma once
// The tables of the block store, and its database. Keys and values: schema.h.

#include <cstdint>
#include <memory>
#include <string>

#include "base/database/database.h"
#include "node/storage/error.h"

namespace peerpay::storage {

using database::Database;
using database::Durability;

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

// kMissing when there is no database, kInUse, kCorrupt, kFormatUnknown, kFull or kIo.
[[nodiscard]] StorageExpected<std::unique_ptr<Database>> open_database(const std::string& path);
// One without a row; what is at `path` is destroyed if it is a database.
[[nodiscard]] StorageExpected<std::unique_ptr<Database>> create_empty_database(
    const std::string& path);

}  // namespace peerpay::storage
