#include "node/storage/tables.h"

#include <array>

namespace peerpay::storage {
namespace {

using database::TableSpec;

constexpr std::array<TableSpec, kTables> kTableSpecs = {{
    {.name = "default"},
    {.name = "bodies", .is_cached = false},
    {.name = "body_heights", .is_filtered = true},
    {.name = "chain"},
    {.name = "outcomes"},
    {.name = "transactions", .is_filtered = true, .is_random = true},
    {.name = "history", .is_random = true},
    {.name = "accounts", .is_cached = false},
}};

constexpr database::DatabaseSettings kSettings = {
    .tables = kTableSpecs,
    .damage_advice =
        "Stop the node, move the directory aside and start again: the node fetches the "
        "chain from its peers.",
    .refusal_advice =
        "Nothing that was acknowledged is lost. Find out why the disk refuses (is it "
        "full, or failing?), then start the node again."};

}  // namespace

StorageExpected<std::unique_ptr<Database>> open_database(const std::string& path) {
  return Database::open(path, kSettings);
}

StorageExpected<std::unique_ptr<Database>> create_empty_database(const std::string& path) {
  return Database::create(path, kSettings);
}

}  // namespace peerpay::storage
