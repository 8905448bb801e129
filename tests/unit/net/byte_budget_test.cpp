#include "node/net/byte_budget.h"

#include <gtest/gtest.h>

#include <vector>

namespace peerpay::net {
namespace {

TEST(ByteBudget, HasRoomAgainWhenAShareEnds) {
  ByteBudget budget{100, 10};
  {
    const auto first = budget.try_take(99);
    ASSERT_TRUE(first);
    const auto last = budget.try_take(50);
    ASSERT_TRUE(last);
    EXPECT_FALSE(budget.try_take(1));
  }
  EXPECT_EQ(budget.bytes_used(), 0U);
  EXPECT_TRUE(budget.try_take(100));
}

TEST(ByteBudget, PartsOfAShareEndByThemselves) {
  ByteBudget budget{100, 10};
  auto whole = *budget.try_take(50);
  whole.add(*budget.try_take(30));
  EXPECT_EQ(whole.bytes(), 80U);
  {
    const auto part = whole.split(30);
    EXPECT_EQ(budget.bytes_used(), 80U);
  }
  EXPECT_EQ(budget.bytes_used(), 50U);
  whole = BudgetShare{};
  EXPECT_EQ(budget.bytes_used(), 0U);
}

TEST(ByteBudget, WhatGrowsPastItLeavesNoRoom) {
  ByteBudget budget{100, 10};
  auto share = *budget.try_take(10);
  share.resize(150);
  EXPECT_FALSE(budget.try_take(0));
  share.resize(99);
  EXPECT_TRUE(budget.try_take(1));
}

TEST(ByteBudget, AShareMayOutliveIt) {
  BudgetShare share;
  {
    ByteBudget budget{100, 10};
    share = *budget.try_take(10);
  }
  share.add(share.split(5));
  EXPECT_EQ(share.bytes(), 10U);
}

TEST(ByteBudget, GivesEachItsPartWhileItIsSpent) {
  ByteBudget budget{100, 10};
  const auto all = *budget.try_take(100);
  const auto half = budget.try_take_part(40, 10, 2);
  EXPECT_TRUE(half);
  EXPECT_FALSE(budget.try_take_part(41, 10, 2));
}

// Each takes its part when it comes, and the parts of those who came earlier were larger.
TEST(ByteBudget, PartsOfAnyNumberAddUpToABoundAndTheLastOneStillHasOne) {
  constexpr std::size_t kBytesMax = 10'000;
  constexpr std::size_t kHolders = 100;
  ByteBudget budget{kBytesMax, kHolders};
  const auto all = *budget.try_take(kBytesMax);
  std::vector<BudgetShare> parts;
  for (std::size_t holders = 1; holders <= kHolders; ++holders) {
    if (auto part = budget.try_take_part(kBytesMax / holders, 0, holders))
      parts.push_back(*std::move(part));
  }
  EXPECT_LE(budget.bytes_used(), 3 * kBytesMax);
  EXPECT_TRUE(budget.try_take_part(kBytesMax / kHolders, 0, kHolders));
  EXPECT_FALSE(budget.try_take_part(1, kBytesMax / kHolders, kHolders));
}

TEST(ByteBudget, WhoWaitsLooksMoreRarelyTheMoreThereAre) {
  EXPECT_EQ(pause_before_room(1), std::chrono::milliseconds{20});
  EXPECT_EQ(pause_before_room(400), std::chrono::milliseconds{20});
  EXPECT_EQ(pause_before_room(4'000), std::chrono::milliseconds{200});
}

}  // namespace
}  // namespace peerpay::net
