#include "base/time.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace peerpay::base {
namespace {

template <class Left, class Right>
concept Addable = requires(Left left, Right right) {
  left + right;
};

static_assert(!Addable<TimePoint, TimePoint>, "adding two points in time means nothing");
static_assert(!std::is_convertible_v<TimePoint, Duration> &&
              !std::is_convertible_v<Duration, TimePoint>);
static_assert(!std::is_convertible_v<UnixMillis, TimePoint>);

TEST(Duration, CountsInMicroseconds) {
  EXPECT_EQ(seconds(2), milliseconds(2000));
  EXPECT_EQ(milliseconds(3), microseconds(3000));
  EXPECT_EQ(microseconds(2999).milliseconds(), 2);
  EXPECT_EQ(milliseconds(20) + microseconds(5), microseconds(20'005));
  EXPECT_EQ(milliseconds(20) * 3, milliseconds(60));
  EXPECT_LT(milliseconds(999), seconds(1));
}

TEST(TimePoint, MovesByDurationsAndSubtractsToOne) {
  const TimePoint start{1'000'000};
  EXPECT_EQ(start + seconds(1), TimePoint{2'000'000});
  EXPECT_EQ(start - milliseconds(1), TimePoint{999'000});
  EXPECT_EQ(start + seconds(5) - start, seconds(5));
  EXPECT_LT(start, start + microseconds(1));
}

}  // namespace
}  // namespace peerpay::base
