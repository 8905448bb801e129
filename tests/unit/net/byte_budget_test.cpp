#include "node/net/byte_budget.h"

#include <gtest/gtest.h>

namespace peerpay::net {
namespace {

TEST(ByteBudget, HasRoomAgainWhenAShareEnds) {
  ByteBudget budget{100};
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
  ByteBudget budget{100};
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
  ByteBudget budget{100};
  auto share = *budget.try_take(10);
  share.resize(150);
  EXPECT_FALSE(budget.try_take(0));
  share.resize(99);
  EXPECT_TRUE(budget.try_take(1));
}

TEST(ByteBudget, AShareMayOutliveIt) {
  BudgetShare share;
  {
    ByteBudget budget{100};
    share = *budget.try_take(10);
  }
  share.add(share.split(5));
  EXPECT_EQ(share.bytes(), 10U);
}

}  // namespace
}  // namespace peerpay::net
