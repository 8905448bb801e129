#include "node/app/worker_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <string>

namespace peerpay::app {
namespace {

constexpr std::chrono::seconds kPatience{30};

// One worker of each kind, busy until everything has been posted.
struct WorkerPoolTest : ::testing::Test {
  void SetUp() override {
    for (const auto urgency : {Urgency::kBlock, Urgency::kTransaction}) {
      pool.post(urgency, [this] {
        busy.count_down();
        gate.wait();
      });
    }
    busy.wait();
  }
  ~WorkerPoolTest() override { pool.stop(); }
  void post(Urgency urgency, char name) {
    ++posted;
    pool.post(urgency, [this, name] { ran(name); });
  }
  void post(const std::string& host, const std::string& connection, char name) {
    ++posted;
    pool.post({.host = host, .connection = connection}, [this, name] { ran(name); });
  }
  void post_payments(const std::string& host, char name) {
    ++posted;
    pool.post_payments({.host = host, .connection = host + ":1"}, [this, name] { ran(name); });
  }
  void ran(char name) {
    const std::lock_guard lock{mutex};
    order.push_back(name);
    if (order.size() == posted) last.set_value();
  }
  std::string run() {
    go.set_value();
    EXPECT_EQ(last.get_future().wait_for(kPatience), std::future_status::ready);
    return order;
  }

  std::size_t posted = 0;
  std::mutex mutex;
  std::string order;
  std::promise<void> last;
  std::latch busy{2};
  std::promise<void> go;
  std::shared_future<void> gate{go.get_future()};
  WorkerPool pool{1};
};

TEST_F(WorkerPoolTest, StatementsGoBeforeBlocks) {
  post(Urgency::kBlock, 'b');
  post(Urgency::kStatement, 's');
  EXPECT_EQ(run(), "sb");
}

TEST(WorkerPool, WhatIsPromptDoesNotWaitForWhatIsPatient) {
  std::promise<void> end;  // outlives the pool, whose threads use it, as the next
  std::promise<void> checked;
  WorkerPool pool{1};
  pool.post(Urgency::kTransaction, [&end] { end.get_future().wait(); });
  pool.post(Urgency::kBlock, [&checked] { checked.set_value(); });
  EXPECT_EQ(checked.get_future().wait_for(kPatience), std::future_status::ready);
  end.set_value();
}

TEST_F(WorkerPoolTest, PatientWorkLeavesTheProcessorsToTheRest) {
  const auto nice_of = [this](Urgency urgency) {
    const auto told = std::make_shared<std::promise<int>>();
    pool.post(urgency, [told] { told->set_value(::getpriority(PRIO_PROCESS, 0)); });
    return told->get_future().get();
  };
  go.set_value();
  EXPECT_EQ(nice_of(Urgency::kServe), nice_of(Urgency::kTransaction));
  EXPECT_GT(nice_of(Urgency::kTransaction), nice_of(Urgency::kBlock));
}

TEST_F(WorkerPoolTest, PeersAndClientsTakeTurns) {
  for (int i = 0; i < 4; ++i) post(Urgency::kTransaction, 't');
  for (int i = 0; i < 2; ++i) post(Urgency::kServe, 's');
  EXPECT_EQ(run(), "ststtt");
}

TEST_F(WorkerPoolTest, PaymentsTakeTurnsWithWhatElseIsAskedFor) {
  for (int i = 0; i < 4; ++i) post_payments("a", 'p');
  post_payments("b", 'q');
  for (int i = 0; i < 2; ++i) post(Urgency::kTransaction, 't');
  for (int i = 0; i < 2; ++i) post(Urgency::kServe, 's');
  EXPECT_EQ(run(), "pstqstppp");
}

TEST_F(WorkerPoolTest, PaymentsThatAreHeldBackHoldNothingElseUp) {
  pool.hold_payments(true);
  std::promise<void> others_ran;
  auto ran_all = others_ran.get_future();
  post_payments("a", 'p');
  post("a", "a:1", 't');
  post(Urgency::kServe, 's');
  pool.post(Urgency::kTransaction, [&others_ran] { others_ran.set_value(); });
  go.set_value();
  ASSERT_EQ(ran_all.wait_for(kPatience), std::future_status::ready);
  {
    const std::lock_guard lock{mutex};
    EXPECT_EQ(order.find('p'), std::string::npos);
  }
  pool.hold_payments(false);
  EXPECT_EQ(last.get_future().wait_for(kPatience), std::future_status::ready);
}

TEST_F(WorkerPoolTest, AHostWithMuchToDoDoesNotStandBeforeAnother) {
  for (int i = 0; i < 5; ++i) post("a", "a:1", 'a');
  post("b", "b:1", 'b');
  post("b", "b:1", 'b');
  post("c", "c:1", 'c');
  EXPECT_EQ(run(), "abcabaaa");
}

TEST_F(WorkerPoolTest, ManyConnectionsAreNoMoreThanOneHost) {
  for (int i = 0; i < 4; ++i) post("a", "a:" + std::to_string(i), 'a');
  for (int i = 0; i < 4; ++i) post("b", "b:1", 'b');
  EXPECT_EQ(run(), "abababab");
}

TEST_F(WorkerPoolTest, ConnectionsOfAHostTakeTurns) {
  for (int i = 0; i < 3; ++i) post("a", "a:1", '1');
  post("a", "a:2", '2');
  post("b", "b:1", 'b');
  EXPECT_EQ(run(), "1b211");
}

TEST_F(WorkerPoolTest, WhoeverComesAnewWaitsForThoseWhoWait) {
  post("a", "a:1", 'a');
  post("b", "b:1", 'b');
  pool.post({.host = "n", .connection = "n:1"},
            [this] { pool.post({.host = "n", .connection = "n:1"}, [this] { ran('n'); }); });
  ++posted;
  post("b", "b:1", 'b');
  post("c", "c:1", 'c');
  EXPECT_EQ(run(), "abcbn");
}

TEST_F(WorkerPoolTest, StoppingDropsWhatHasNotBegun) {
  auto held = std::make_shared<int>(0);
  pool.post(Urgency::kTransaction, [held] {});
  pool.post({.host = "a", .connection = "a:1"}, [held] {});
  pool.post_payments({.host = "a", .connection = "a:1"}, [held] {});
  auto stopped = std::async(std::launch::async, [this] { pool.stop(); });
  while (held.use_count() > 1) std::this_thread::yield();
  go.set_value();
  stopped.get();
  pool.post(Urgency::kTransaction, [held] {});
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace peerpay::app
