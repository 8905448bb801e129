#include "node/net/credit_window.h"

#include <gtest/gtest.h>

namespace peerpay::net {
namespace {

TEST(CreditWindow, GrantsItselfOnceAtTheStart) {
  CreditWindow window{1000};
  EXPECT_FALSE(window.take(1));
  EXPECT_EQ(window.grant(), 1000U);
  EXPECT_EQ(window.grant(), 0U);
  EXPECT_TRUE(window.take(1000));
  EXPECT_FALSE(window.take(1));
}

TEST(CreditWindow, GrantsAgainWhenAQuarterHasComeBack) {
  CreditWindow window{1000};
  ASSERT_EQ(window.grant(), 1000U);
  ASSERT_TRUE(window.take(600));
  window.give_back(249);
  EXPECT_EQ(window.grant(), 0U);
  window.give_back(1);
  EXPECT_EQ(window.grant(), 250U);
  EXPECT_TRUE(window.take(650));
  EXPECT_FALSE(window.take(1));
}

TEST(CreditWindow, NeverLetsMoreThanTheWindowBeUnreturned) {
  CreditWindow window{1000};
  ASSERT_EQ(window.grant(), 1000U);
  std::size_t held = 0;
  for (int round = 0; round < 100; ++round) {
    while (window.take(90)) held += 90;
    EXPECT_LE(held, 1000U);
    const std::size_t returned = held / 3;
    window.give_back(returned);
    held -= returned;
    (void)window.grant();
  }
}

}  // namespace
}  // namespace peerpay::net
