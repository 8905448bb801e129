#include "node/net/flood_watch.h"

#include <gtest/gtest.h>

namespace peerpay::net {
namespace {

constexpr std::uint64_t kUnusedMax = 1'000'000;
constexpr std::uint64_t kBurst = FloodWatch::kEmptyBurst;

struct FloodWatchTest : ::testing::Test {
  bool look(std::uint64_t bytes, const CallCounts& calls) {
    now = now + base::milliseconds(10);
    return watch.is_flood(bytes, calls, now, kUnusedMax);
  }

  FloodWatch watch;
  base::TimePoint now{1'000'000};
};

TEST_F(FloodWatchTest, AnsweredCallsAreNeverTooMany) {
  CallCounts calls;
  for (std::uint64_t i = 1; i < 1'000; ++i) {
    calls = {.messages = 10'000 * i, .begun = 10'000 * i + 100, .answered = 10'000 * i};
    EXPECT_FALSE(look(100'000 * i, calls)) << i;
  }
}

TEST_F(FloodWatchTest, CallsThatAreTakenBackAreAFlood) {
  EXPECT_FALSE(look(10'000, {.messages = 0, .begun = kBurst, .answered = 0}));
  EXPECT_TRUE(look(20'000, {.messages = 0, .begun = kBurst + 10, .answered = 0}));
}

// Seen on a machine with twenty programs for each processor: 208 of 1,514 calls of one client,
// which made them one after the other, were not counted as answered yet.
TEST_F(FloodWatchTest, AnswersThatAreCountedLateAreNone) {
  EXPECT_FALSE(look(10'000, {.messages = 100, .begun = 100, .answered = 90}));
  EXPECT_FALSE(look(139'644, {.messages = 1'514, .begun = 1'514, .answered = 1'306}));
  EXPECT_FALSE(look(250'000, {.messages = 2'600, .begun = 2'600, .answered = 1'306}));
}

TEST_F(FloodWatchTest, MessagesDoNotHideCallsWithoutEnd) {
  constexpr std::uint64_t kMany = FloodWatch::kUnansweredBurst;
  EXPECT_FALSE(look(10'000, {.messages = kMany, .begun = kMany, .answered = 0}));
  EXPECT_TRUE(look(20'000, {.messages = kMany + 10, .begun = kMany + 10, .answered = 0}));
}

TEST_F(FloodWatchTest, CallsThatAreTakenBackOneByOneAreNone) {
  for (std::uint64_t i = 1; i < 10 * kBurst; ++i) {
    EXPECT_FALSE(look(100, {.messages = i, .begun = i, .answered = 0})) << i;
  }
}

TEST_F(FloodWatchTest, TimeWithoutCallsForgivesNoMoreThanThereWas) {
  EXPECT_FALSE(look(0, {}));
  now = now + base::seconds(3'600);
  EXPECT_TRUE(look(100, {.messages = 0, .begun = kBurst + 1, .answered = 0}));
}

TEST_F(FloodWatchTest, BytesOfWhichNothingComesAreAFlood) {
  EXPECT_FALSE(look(kUnusedMax, {.messages = 0, .begun = 1, .answered = 0}));
  EXPECT_TRUE(look(kUnusedMax + 1, {.messages = 0, .begun = 1, .answered = 0}));
}

TEST_F(FloodWatchTest, EachMessageAllowsAsManyBytesAgain) {
  for (std::uint64_t i = 1; i < 100; ++i) {
    EXPECT_FALSE(look(kUnusedMax * i, {.messages = i, .begun = 1, .answered = 0})) << i;
  }
}

TEST_F(FloodWatchTest, IsUsefulOnceSomethingCame) {
  (void)look(10'000, {.messages = 0, .begun = 5, .answered = 0});
  EXPECT_FALSE(watch.was_useful());
  (void)look(20'000, {.messages = 1, .begun = 6, .answered = 0});
  EXPECT_TRUE(watch.was_useful());
}

TEST_F(FloodWatchTest, TellsWhatNothingCameOf) {
  EXPECT_EQ(watch.empty_calls(now), 0U);
  (void)look(10'000, {.messages = 0, .begun = 5, .answered = 0});
  (void)look(30'000, {.messages = 0, .begun = 25, .answered = 0});
  EXPECT_EQ(watch.unused_bytes(), 30'000U);
  EXPECT_EQ(watch.empty_calls(now), 24U) << "one in ten milliseconds is forgiven";
  EXPECT_EQ(watch.empty_calls(now + base::milliseconds(100)), 14U) << "also while nobody looks";
  EXPECT_EQ(watch.empty_calls(now + base::seconds(10)), 0U);
  (void)look(40'000, {.messages = 1, .begun = 25, .answered = 0});
  EXPECT_EQ(watch.unused_bytes(), 0U);
}

}  // namespace
}  // namespace peerpay::net
