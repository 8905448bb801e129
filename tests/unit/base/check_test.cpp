#include "base/check.h"

#include <gtest/gtest.h>

namespace peerpay::base {
namespace {

TEST(Check, EvaluatesItsConditionOnce) {
  int evaluated = 0;
  PEERPAY_CHECK(++evaluated == 1, "counts");
  EXPECT_EQ(evaluated, 1);
}

TEST(Check, IsOneStatement) {
  bool reached = false;
  if (reached)
    PEERPAY_CHECK(false, "not taken");
  else
    reached = true;
  EXPECT_TRUE(reached);
}

TEST(CheckDeathTest, AbortsWithReasonConditionAndPlace) {
  EXPECT_DEATH(PEERPAY_CHECK(1 + 1 == 3, "sums add up"),
               "peerpay bug: sums add up \\(1 \\+ 1 == 3\\) at .*check_test\\.cpp:[0-9]+");
}

TEST(CheckDeathTest, UnreachableAborts) {
  EXPECT_DEATH(PEERPAY_UNREACHABLE("every case returned"),
               "peerpay bug: every case returned \\(unreachable\\)");
}

}  // namespace
}  // namespace peerpay::base
