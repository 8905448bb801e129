#include "node/app/serving.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>

#include "tests/support/ledger/ledger_world.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::app {
namespace {

constexpr std::chrono::seconds kPatience{30};

// One worker, busy until the test lets it go, and a store that holds the genesis.
struct ServingTest : ::testing::Test {
  void SetUp() override {
    auto opened = storage::Store::open(directory.file("store"), world.network(),
                                       storage::HistoryIndex::kNone);
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
    pool.post(Urgency::kServe, [this] { go.get_future().wait(); });
  }
  ~ServingTest() override { pool.stop(); }
  void let_go() {
    go.set_value();
    drain();
  }
  void drain() {
    std::promise<void> last;
    // Behind everything that was posted: the two lowest urgencies take turns.
    for (int i = 0; i < 100; ++i) pool.post(Urgency::kTransaction, [] {});
    pool.post(Urgency::kTransaction, [&last] { last.set_value(); });
    ASSERT_EQ(last.get_future().wait_for(kPatience), std::future_status::ready);
  }

  peerpay::test::TemporaryDirectory directory;
  ledger::test::LedgerWorld world;
  std::unique_ptr<storage::Store> store;
  std::promise<void> go;
  WorkerPool pool{1};
};

TEST_F(ServingTest, OnePeerCannotFillTheQueue) {
  std::map<std::uint32_t, int> answers;  // by the one worker
  Serving serving{*store, pool, 4,
                  [&](node::PeerIndex to, const node::PeerMessage&) { ++answers[to.value]; }};
  const auto ask = [&](std::uint32_t peer) {
    serving.serve({node::PeerIndex{peer}, node::SyncRequest{ledger::Height{0}}});
  };
  for (int i = 0; i < 50; ++i) ask(1);
  ask(2);
  let_go();
  EXPECT_EQ(answers[1], kServesPerPeerMax);
  EXPECT_EQ(answers[2], 1);
  ask(1);
  drain();
  EXPECT_EQ(answers[1], kServesPerPeerMax + 1) << "what was answered makes room";
}

}  // namespace
}  // namespace peerpay::app
