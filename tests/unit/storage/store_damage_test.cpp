// What power cuts, kills and bad disks leave of a database: the last acknowledged block, or a
// refusal; never a wrong state.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "node/storage/tables.h"
#include "tests/unit/storage/test_chain.h"

namespace peerpay::storage {
namespace {

namespace fs = std::filesystem;
using test::StoreFixture;
using test::TestChain;

std::vector<fs::path> files_of(const std::string& path, const std::string& extension) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.path().extension() == extension) out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

void flip_byte(const fs::path& file, std::uint64_t offset) {
  std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
  stream.seekg(static_cast<std::streamoff>(offset));
  const auto byte = static_cast<char>(stream.get() ^ 0x40);
  stream.seekp(static_cast<std::streamoff>(offset));
  stream.put(byte);
}

// Sizes of the log file while the second of two commits is being written.
std::vector<std::uintmax_t> sizes_between(std::uintmax_t before, std::uintmax_t after) {
  std::vector<std::uintmax_t> out = {after};
  for (auto size = before; size < after; size += 61) out.push_back(size);
  return out;
}

TEST(StoreDamage, ACommitThatWasCutShortHappenedWhollyOrNotAtAll) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto store = fixture.open();
  ASSERT_TRUE(store->commit(chain.extend().finalized()));
  const auto log = files_of(fixture.path(), ".log").back();
  const auto before = fs::file_size(log);
  ASSERT_TRUE(store->commit(chain.extend().finalized()));
  const auto after = fs::file_size(log);
  ASSERT_GT(after, before + 500);
  for (const auto size : sizes_between(before, after)) {
    SCOPED_TRACE(size);
    const std::string copy = fixture.snapshot();
    const std::string zero_filled = fixture.copy_of(copy);
    fs::resize_file(fs::path{copy} / log.filename(), size);
    EXPECT_EQ(test::defect(copy, chain, size == after ? 2 : 1), "");
    // A length that grew before the bytes did: RocksDB takes half a record for damage.
    fs::resize_file(fs::path{zero_filled} / log.filename(), size);
    fs::resize_file(fs::path{zero_filled} / log.filename(), after);
    const int prefix = test::sound_prefix(zero_filled, chain);
    EXPECT_TRUE(prefix == -1 || prefix == (size == after ? 2 : 1)) << prefix;
    fs::remove_all(copy);
    fs::remove_all(zero_filled);
  }
}

TEST(StoreDamage, AFlippedByteInALogIsRefusedOrCostsTheLastBlocksOnly) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  {
    const auto store = fixture.open();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(store->commit(chain.extend().finalized()));
  }
  const auto log = files_of(fixture.path(), ".log").back();
  const auto size = fs::file_size(log);
  int refused = 0;
  int opened = 0;
  for (std::uint64_t offset = 3; offset < size; offset += 97) {
    const std::string copy = fixture.snapshot();
    flip_byte(fs::path{copy} / log.filename(), offset);
    const int prefix = test::sound_prefix(copy, chain);
    EXPECT_LE(prefix, 3);
    ++(prefix < 0 ? refused : opened);
    fs::remove_all(copy);
  }
  EXPECT_GT(refused, 10 * opened);
}

TEST(StoreDamage, AFlippedByteInATableIsRefused) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  {
    const auto store = fixture.open();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(store->commit(chain.extend().finalized()));
    ASSERT_TRUE(store->flush_state());
  }
  { ASSERT_TRUE(fixture.open()); }  // reopening writes the log to tables
  int refused = 0;
  int harmless = 0;
  for (const auto& table : files_of(fixture.path(), ".sst")) {
    const auto size = fs::file_size(table);
    for (std::uint64_t offset = 1; offset < size; offset += size / 5) {
      const std::string copy = fixture.snapshot();
      flip_byte(fs::path{copy} / table.filename(), offset);
      const int prefix = test::sound_prefix(copy, chain);
      EXPECT_TRUE(prefix == -1 || prefix == 3);
      ++(prefix < 0 ? refused : harmless);
      fs::remove_all(copy);
    }
  }
  EXPECT_GT(refused, 20);
  EXPECT_EQ(harmless, 0);
}

TEST(StoreDamage, AMissingFileIsRefused) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  {
    const auto store = fixture.open();
    ASSERT_TRUE(store->commit(chain.extend().finalized()));
  }
  { ASSERT_TRUE(fixture.open()); }
  for (const auto& table : files_of(fixture.path(), ".sst")) {
    const std::string copy = fixture.snapshot();
    fs::remove(fs::path{copy} / table.filename());
    EXPECT_EQ(test::sound_prefix(copy, chain), -1) << table;
    fs::remove_all(copy);
  }
}

TEST(StoreDamage, AStateThatTheChainDoesNotCommitToIsRefusedAndLeftAlone) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  {
    const auto store = fixture.open();
    ASSERT_TRUE(store->commit(chain.extend().finalized()));
  }
  {
    const auto database = open_database(fixture.path());
    auto batch = (*database)->batch();
    ledger::Account richer = *chain.world().state().account(ledger::test::test_account(3));
    richer.set_balance(ledger::test::kEur, ledger::Amount{999'999'999});
    batch.put(Table::kAccounts, ledger::test::test_account(3).view(), ledger::encode(richer));
    ASSERT_TRUE((*database)->write(std::move(batch), Durability::kSynced));
  }
  for (int i = 0; i < 2; ++i) {
    const auto store = Store::open(fixture.path(), chain.network(), HistoryIndex::kKept);
    const auto recovered = recover(**store, chain.genesis());
    ASSERT_FALSE(recovered);
    EXPECT_EQ(recovered.error().fault, StorageFault::kStateMismatch);
    EXPECT_NE(recovered.error().message.find(fixture.path()), std::string::npos);
  }
}

TEST(StoreDamage, AnErrorIsRepeatedByEveryLaterWrite) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  {
    const auto store = fixture.open();
    ASSERT_TRUE(store->commit(chain.extend().finalized()));
  }
  const auto store = fixture.open();
  const auto found = store->corrupt("a test says so");
  EXPECT_EQ(store->failure()->message, found.error.message);
  const auto& next = chain.extend();
  EXPECT_EQ(
      store->put_block(next.block.header, next.hash, ledger::encode(next.block)).error().message,
      found.error.message);
  EXPECT_EQ(store->commit(next.finalized()).error().message, found.error.message);
  EXPECT_EQ(store->head()->header.height.value, 1U);
  EXPECT_FALSE(store->find_transaction(next.block.transactions[0].id).value())
      << "the block that was not written shows none of its rows";
  EXPECT_EQ(store->history(ledger::test::test_account(0), "", 9)->transactions.size(),
            chain.at(1).block.transactions.size());
}

TEST(StoreDamage, AnErrorIsToldOnce) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto store = fixture.open();
  std::vector<std::string> told;
  store->on_failure([&](const StorageError& error) { told.push_back(error.message); });
  EXPECT_TRUE(told.empty());
  const auto found = store->corrupt("a test says so");
  (void)store->corrupt("and again");
  EXPECT_EQ(told, std::vector{found.error.message});
  store->on_failure([&](const StorageError& error) { told.push_back("late: " + error.message); });
  EXPECT_EQ(told.back(), "late: " + found.error.message);
}

TEST(StoreDamage, WhatIsNoDatabaseIsLeftAlone) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  fixture.open().reset();
  ASSERT_TRUE(fs::remove(fs::path{fixture.path()} / "CURRENT"));
  const auto before = files_of(fixture.path(), ".sst").size();
  const auto refused = Store::open(fixture.path(), chain.network(), HistoryIndex::kKept);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, StorageFault::kCorrupt);
  EXPECT_NE(refused.error().message.find("Move it aside"), std::string::npos);
  EXPECT_EQ(files_of(fixture.path(), ".sst").size(), before);
  EXPECT_FALSE(fs::exists(fixture.path() + ".new"));

  fs::remove_all(fixture.path());
  fs::create_directory(fixture.path());
  EXPECT_TRUE(Store::open(fixture.path(), chain.network(), HistoryIndex::kKept))
      << "an empty directory is as good as none";
}

// Another program writes, so that no thread of RocksDB is shared with it.
class Writer {
 public:
  explicit Writer(const std::string& path) {
    int ends[2];
    PEERPAY_CHECK(::pipe2(ends, O_CLOEXEC) == 0, "a test may open a pipe");
    output_ = ends[0];
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl(PEERPAY_STORAGE_WRITER, PEERPAY_STORAGE_WRITER, path.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { ::close(output_); }

  // Kills the writer once it has acknowledged `count` blocks; returns how many it had by then.
  std::uint64_t kill_after(std::uint64_t count) {
    std::uint64_t acknowledged = 0;
    while (acknowledged < count && acknowledges()) ++acknowledged;
    ::kill(child_, SIGKILL);
    while (acknowledges()) ++acknowledged;
    ::waitpid(child_, nullptr, 0);
    return acknowledged;
  }

 private:
  bool acknowledges() const {
    char byte = 0;
    return ::read(output_, &byte, 1) == 1;
  }
  int output_ = -1;
  pid_t child_ = -1;
};

TEST(StoreDamage, AKilledWriterLosesNothingAcknowledged) {
  TestChain chain;
  for (std::size_t i = 0; i < test::kWriterBlocks; ++i) chain.extend(1);
  for (const std::uint64_t count : {1U, 20U, 77U}) {
    StoreFixture fixture{chain.network()};
    const std::uint64_t acknowledged = Writer{fixture.path()}.kill_after(count);
    ASSERT_GE(acknowledged, count);
    EXPECT_GE(test::sound_prefix(fixture.path(), chain), static_cast<int>(acknowledged));
  }
}

}  // namespace
}  // namespace peerpay::storage
