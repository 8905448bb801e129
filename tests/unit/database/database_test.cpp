#include "base/database/database.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace peerpay::database {
namespace {

namespace fs = std::filesystem;
using base::as_bytes;
using base::to_text;

enum class Table : std::uint8_t { kDefault = 0, kWords = 1 };

constexpr std::array<TableSpec, 2> kTables = {
    {{.name = "default"}, {.name = "words", .is_filtered = true, .is_cached = false}}};
constexpr DatabaseSettings kSettings = {
    .tables = kTables, .damage_advice = "Ask for help.", .refusal_advice = "Buy a disk."};

constexpr std::array<TableSpec, 2> kRandomTables = {
    {{.name = "default"},
     {.name = "words", .is_filtered = true, .is_cached = false, .is_random = true}}};
constexpr DatabaseSettings kRandomSettings = {.tables = kRandomTables,
                                              .damage_advice = kSettings.damage_advice,
                                              .refusal_advice = kSettings.refusal_advice};

class DatabaseTest : public testing::Test {
 protected:
  std::string path() const { return directory_.file("db"); }
  std::unique_ptr<Database> create() {
    auto made = Database::create(path(), kSettings);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return std::move(*made);
  }
  std::unique_ptr<Database> open() {
    auto opened = Database::open(path(), kSettings);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    return std::move(*opened);
  }
  static void put(Database& database, Table table, std::string_view key, std::string_view value) {
    auto batch = database.batch();
    batch.put(table, as_bytes(key), as_bytes(value));
    ASSERT_TRUE(database.write(std::move(batch), Durability::kSynced));
  }
  static std::string get(const Database& database, Table table, std::string_view key) {
    const auto value = database.get(table, as_bytes(key));
    EXPECT_TRUE(value);
    return *value ? to_text(**value) : "(none)";
  }
  static std::vector<std::string> keys_from(const Database& database, std::string_view from) {
    std::vector<std::string> keys;
    const auto scanned =
        database.scan(Table::kWords, as_bytes(from), [&](base::ByteView key, base::ByteView) {
          keys.push_back(to_text(key));
          return keys.size() < 2;
        });
    EXPECT_TRUE(scanned);
    return keys;
  }

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(DatabaseTest, WhatWasWrittenIsThereAfterReopening) {
  {
    const auto database = create();
    put(*database, Table::kWords, "a", "1");
    put(*database, Table::kDefault, "a", "2");
  }
  const auto database = open();
  EXPECT_EQ(get(*database, Table::kWords, "a"), "1");
  EXPECT_EQ(get(*database, Table::kDefault, "a"), "2");
  EXPECT_EQ(get(*database, Table::kDefault, "b"), "(none)");
  EXPECT_TRUE(database->verify());
}

TEST_F(DatabaseTest, ScansAscendingFromAKeyUntilToldToStop) {
  const auto database = create();
  EXPECT_FALSE(database->last(Table::kWords)->has_value());
  for (const auto* key : {"c", "a", "d", "b"}) put(*database, Table::kWords, key, "");
  EXPECT_EQ(keys_from(*database, "aa"), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(keys_from(*database, "d"), std::vector<std::string>{"d"});
  EXPECT_TRUE(keys_from(*database, "e").empty());
  EXPECT_EQ(to_text((*database->last(Table::kWords))->key), "d");
}

TEST_F(DatabaseTest, ATableOfOrderedKeysMayBecomeOneOfRandomKeysAndBack) {
  std::vector<std::string> keys;
  const std::array<const DatabaseSettings*, 4> kinds = {&kSettings, &kRandomSettings, &kSettings,
                                                        &kRandomSettings};
  { ASSERT_TRUE(create()); }
  for (const DatabaseSettings* settings : kinds) {
    const auto database = Database::open(path(), *settings).value();
    const auto expect_all = [&] {
      for (const auto& key : keys) EXPECT_NE(get(*database, Table::kWords, key), "(none)") << key;
    };
    expect_all();
    for (int file = 0; file < 6; ++file) {  // enough to be merged
      keys.push_back(std::string{static_cast<char>('a' + keys.size())});
      put(*database, Table::kWords, keys.back(), "x");
      ASSERT_TRUE(database->flush());
    }
    keys.push_back(std::string{static_cast<char>('a' + keys.size())});
    put(*database, Table::kWords, keys.back(), "only in the log");
    expect_all();
    EXPECT_TRUE(database->verify());
  }
}

TEST_F(DatabaseTest, ABatchThatIsNotWrittenChangesNothing) {
  const auto database = create();
  put(*database, Table::kWords, "a", "1");
  {
    auto batch = database->batch();
    batch.erase(Table::kWords, as_bytes("a"));
    EXPECT_GT(batch.size_bytes(), 0U);
  }
  EXPECT_EQ(get(*database, Table::kWords, "a"), "1");
}

TEST_F(DatabaseTest, CreatingAgainEmptiesIt) {
  { put(*create(), Table::kWords, "a", "1"); }
  EXPECT_EQ(get(*create(), Table::kWords, "a"), "(none)");
}

TEST_F(DatabaseTest, SaysWhyItDoesNotOpen) {
  const auto fault = [&](const DatabaseSettings& settings) {
    const auto opened = Database::open(path(), settings);
    return opened ? "(opened)" : std::to_string(static_cast<int>(opened.error().fault));
  };
  const auto number = [](DatabaseFault known) { return std::to_string(static_cast<int>(known)); };
  EXPECT_EQ(fault(kSettings), number(DatabaseFault::kMissing));
  {
    const auto database = create();
    const auto second = Database::open(path(), kSettings);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, DatabaseFault::kInUse);
    EXPECT_NE(second.error().message.find(path() + " is in use by another process"),
              std::string::npos);
  }
  DatabaseSettings older = kSettings;
  older.tables = std::span{kTables}.first(1);
  EXPECT_EQ(fault(older), number(DatabaseFault::kFormatUnknown));
  EXPECT_EQ(fault(kSettings), "(opened)");
}

TEST_F(DatabaseTest, DamageIsToldWithTheAdviceOfItsUser) {
  create().reset();
  for (const auto& entry : fs::directory_iterator(path())) {
    if (entry.path().filename().string().starts_with("MANIFEST")) fs::resize_file(entry, 10);
  }
  const auto opened = Database::open(path(), kSettings);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().fault, DatabaseFault::kCorrupt);
  EXPECT_TRUE(opened.error().message.ends_with("Ask for help.")) << opened.error().message;
}

TEST_F(DatabaseTest, DamageIsToldInOneLine) {
  put(*create(), Table::kWords, "a", "1");
  put(*open(), Table::kWords, "b", "2");
  open().reset();
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator(path())) {
    if (entry.path().extension() == ".sst") tables.push_back(entry.path());
  }
  ASSERT_GE(tables.size(), 2U);
  for (const auto& table : tables) fs::resize_file(table, fs::file_size(table) + 1);
  const auto opened = Database::open(path(), kSettings);
  ASSERT_FALSE(opened);
  for (const auto& table : tables) {
    EXPECT_NE(opened.error().message.find(table.filename()), std::string::npos)
        << opened.error().message;
  }
  EXPECT_EQ(opened.error().message.find('\n'), std::string::npos) << opened.error().message;
}

TEST_F(DatabaseTest, TheFirstErrorIsForEver) {
  const auto database = create();
  EXPECT_FALSE(database->failure().has_value());
  std::vector<std::string> told;
  database->on_failure([&](const DatabaseError& error) { told.push_back(error.message); });
  const auto first = database->corrupt("a row is odd");
  static_cast<void>(database->corrupt("so is another"));
  EXPECT_EQ(told, std::vector{first.error.message});
  EXPECT_EQ(first.error.message, "Database " + path() + ": a row is odd. Ask for help.");
  auto batch = database->batch();
  batch.put(Table::kWords, as_bytes("a"), as_bytes("1"));
  const auto written = database->write(std::move(batch), Durability::kUnsynced);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, first.error.message);
}

}  // namespace
}  // namespace peerpay::database
