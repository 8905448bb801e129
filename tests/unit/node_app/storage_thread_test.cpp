#include "node/app/storage_thread.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "ledger/apply.h"
#include "ledger/state_tree.h"
#include "node/storage/recovery.h"
#include "tests/support/ledger/ledger_world.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::app {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr int kMoreThanWait = 200;

struct StorageThreadTest : ::testing::Test {
  void SetUp() override {
    auto opened = storage::Store::open(directory.file("store"), world.network(),
                                       storage::HistoryIndex::kNone);
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
    ASSERT_TRUE(storage::recover(*store, world.genesis()));
  }
  node::CommittedBlock next_block() {
    node::CommittedBlock out;
    out.block = world.propose({});
    out.hash = ledger::block_hash(out.block.header);
    ledger::Overlay overlay{world.state()};
    out.outcomes =
        ledger::execute_block(world.genesis(), world.tip(), out.block, overlay)->outcomes;
    out.changes = overlay.changes();
    EXPECT_TRUE(world.accept(out.block));
    return out;
  }

  peerpay::test::TemporaryDirectory directory;
  ledger::test::LedgerWorld world;
  std::unique_ptr<storage::Store> store;
};

TEST_F(StorageThreadTest, TellsWhatIsDurableInOrder) {
  std::vector<std::uint64_t> heights;
  StorageThread thread{*store,
                       {[](const ledger::BlockHash&) {},
                        [&](const node::CommittedBlock& block) {
                          heights.push_back(block.block.header.height.value);
                        },
                        [](const Failure& failure) { ADD_FAILURE() << failure.sentence; }}};
  thread.start();
  for (int i = 0; i < 3; ++i) thread.commit(next_block(), std::nullopt);
  thread.stop();
  EXPECT_EQ(heights, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(store->head()->header.height, ledger::Height{3});
}

TEST_F(StorageThreadTest, AFailedWriteLetsGoOfWhoWaitsForRoom) {
  int committed = 0;
  std::promise<Failure> failed;
  StorageThread thread{
      *store,
      {[](const ledger::BlockHash&) {}, [&](const node::CommittedBlock&) { ++committed; },
       [&](Failure failure) { failed.set_value(std::move(failure)); }}};
  thread.start();
  // From here on every write fails, as it does when the disk is full.
  (void)store->corrupt("the test says so");
  auto core = std::async(std::launch::async, [&, block = next_block()] {
    for (int i = 0; i < kMoreThanWait; ++i) thread.commit(block, std::nullopt);
  });
  const bool let_go = core.wait_for(kPatience) == std::future_status::ready;
  EXPECT_TRUE(let_go) << "the core's thread waits for room that never comes";
  auto failure = failed.get_future();
  ASSERT_EQ(failure.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(failure.get().code, ExitCode::kDataCorrupt);
  EXPECT_EQ(committed, 0);
  thread.stop();
}

}  // namespace
}  // namespace peerpay::app
