#include "base/os/signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <thread>

namespace peerpay::os {
namespace {

// Each test runs in a process of its own: signal masks and dispositions outlive a test.
template <class Body>
void in_own_process(Body body) {
  EXPECT_EXIT(
      {
        body();
        std::_Exit(testing::Test::HasFailure() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(StopSignalDeathTest, SaysWhichSignalEndedTheWait) {
  in_own_process([] {
    auto stop = StopSignal::block();
    ASSERT_TRUE(stop);
    ::kill(::getpid(), SIGTERM);
    EXPECT_EQ(stop->wait(), StopCause::kTerminate);
    ::kill(::getpid(), SIGINT);
    EXPECT_EQ(stop->wait(), StopCause::kInterrupt);
  });
}

TEST(StopSignalDeathTest, HearsASignalSentWhileAnotherThreadRuns) {
  in_own_process([] {
    auto stop = StopSignal::block();
    ASSERT_TRUE(stop);
    // Without the inherited mask the signal would end the process in this thread.
    std::thread sender{[] { ::kill(::getpid(), SIGTERM); }};
    EXPECT_EQ(stop->wait(), StopCause::kTerminate);
    sender.join();
  });
}

TEST(StopSignalDeathTest, IsWokenByARequestFromAnotherThread) {
  in_own_process([] {
    auto stop = StopSignal::block();
    ASSERT_TRUE(stop);
    std::thread requester{[&] { stop->request(); }};
    EXPECT_EQ(stop->wait(), StopCause::kRequested);
    requester.join();
  });
}

TEST(StopSignalDeathTest, CanBeAskedWithoutTakingTheAnswer) {
  in_own_process([] {
    auto stop = StopSignal::block();
    ASSERT_TRUE(stop);
    EXPECT_FALSE(stop->is_due());
    ::kill(::getpid(), SIGTERM);
    EXPECT_TRUE(stop->is_due());
    EXPECT_TRUE(stop->is_due());
    EXPECT_EQ(stop->wait(), StopCause::kTerminate);
    EXPECT_FALSE(stop->is_due());
  });
}

TEST(StopSignalDeathTest, KeepsARequestForLaterWaits) {
  in_own_process([] {
    auto stop = StopSignal::block();
    ASSERT_TRUE(stop);
    stop->request();
    stop->request();
    EXPECT_EQ(stop->wait(), StopCause::kRequested);
    EXPECT_EQ(stop->wait(), StopCause::kRequested);
  });
}

TEST(StopSignalDeathTest, SurvivesAReaderThatWentAway) {
  in_own_process([] {
    const auto stop = StopSignal::block();
    ASSERT_TRUE(stop);
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    ::close(ends[0]);
    EXPECT_EQ(::write(ends[1], "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
  });
}

}  // namespace
}  // namespace peerpay::os
