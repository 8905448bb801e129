#include "node/app/worker_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>

namespace peerpay::app {
namespace {

constexpr std::chrono::seconds kPatience{30};

// One worker, busy until everything has been posted.
struct WorkerPoolTest : ::testing::Test {
  void SetUp() override {
    pool.post(Urgency::kVote, [this] { go.get_future().wait(); });
  }
  void post(Urgency urgency, char name) {
    pool.post(urgency, [this, name] { order.push_back(name); });
  }
  std::string run() {
    std::promise<void> last;
    pool.post(Urgency::kTransaction, [&last] { last.set_value(); });
    go.set_value();
    EXPECT_EQ(last.get_future().wait_for(kPatience), std::future_status::ready);
    return order;
  }

  std::string order;  // by the one worker
  std::promise<void> go;
  WorkerPool pool{1};
};

TEST_F(WorkerPoolTest, TheMostUrgentGoFirst) {
  post(Urgency::kTransaction, 't');
  post(Urgency::kServe, 's');
  post(Urgency::kBlock, 'b');
  post(Urgency::kVote, 'v');
  EXPECT_EQ(run(), "vbst");
}

TEST_F(WorkerPoolTest, PeersAndClientsTakeTurns) {
  for (int i = 0; i < 4; ++i) post(Urgency::kTransaction, 't');
  for (int i = 0; i < 2; ++i) post(Urgency::kServe, 's');
  EXPECT_EQ(run(), "ststtt");
}

TEST_F(WorkerPoolTest, StoppingDropsWhatHasNotBegun) {
  auto held = std::make_shared<int>(0);
  pool.post(Urgency::kTransaction, [held] {});
  auto stopped = std::async(std::launch::async, [this] { pool.stop(); });
  while (held.use_count() > 1) std::this_thread::yield();
  go.set_value();
  stopped.get();
  pool.post(Urgency::kTransaction, [held] {});
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace peerpay::app
