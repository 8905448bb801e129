#include "node/net/live_calls.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace peerpay::net {
namespace {

// Enters for `host` until it is refused.
std::vector<CallTokens> take_all(LiveCalls& calls, const std::string& host) {
  std::vector<CallTokens> out;
  while (auto tokens = calls.enter(host)) out.push_back(*std::move(tokens));
  return out;
}

TEST(LiveCalls, AHostHasAsManyPlacesAsItLeavesFree) {
  LiveCalls calls{9};
  auto first = take_all(calls, "a");
  EXPECT_EQ(first.size(), 5U);
  auto second = take_all(calls, "b");
  EXPECT_EQ(second.size(), 2U);
  EXPECT_EQ(take_all(calls, "c").size(), 1U) << "whoever comes last is served too";
  EXPECT_EQ(calls.count(), 7U);
  second.clear();
  EXPECT_EQ(calls.count(), 5U);
  first.pop_back();
  EXPECT_TRUE(calls.enter("a"));
}

TEST(LiveCalls, OnePlaceIsForWhoeverComes) {
  LiveCalls calls{1};
  auto tokens = calls.enter("a");
  ASSERT_TRUE(tokens);
  EXPECT_FALSE(calls.enter("b"));
  tokens.reset();
  EXPECT_TRUE(calls.enter("b"));
}

TEST(LiveCalls, APlaceIsTakenForAsLongAsTheNodeHoldsTheQuestion) {
  LiveCalls calls{2};
  auto tokens = calls.enter("a");
  ASSERT_TRUE(tokens);
  tokens->alive.reset();
  calls.wait_until_none();
  EXPECT_EQ(calls.count(), 1U);
  EXPECT_FALSE(calls.enter("a"));
  tokens->place.reset();
  EXPECT_EQ(calls.count(), 0U);
}

TEST(LiveCalls, CountsRightWhenMany) {
  LiveCalls calls{64};
  constexpr int kThreads = 4;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&calls, host = std::to_string(i)] {
      for (int round = 0; round < 200; ++round) (void)take_all(calls, host);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(calls.count(), 0U);
  EXPECT_EQ(take_all(calls, "a").size(), 32U) << "nothing is charged to anybody any more";
}

}  // namespace
}  // namespace peerpay::net
