#include "base/strong.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace peerpay::base {
namespace {

using Height = Strong<struct HeightTag, std::uint64_t>;
using View = Strong<struct ViewTag, std::uint64_t>;

template <class Left, class Right>
concept Comparable = requires(Left left, Right right) {
  left == right;
};
template <class Left, class Right>
concept Addable = requires(Left left, Right right) {
  left + right;
};

static_assert(!std::is_convertible_v<Height, View> && !std::is_constructible_v<Height, View>);
static_assert(!std::is_convertible_v<std::uint64_t, Height> &&
              !std::is_convertible_v<Height, std::uint64_t>);
static_assert(Comparable<Height, Height> && !Comparable<Height, View>);
static_assert(!Comparable<Height, std::uint64_t>);
static_assert(!Addable<Height, Height> && !Addable<Height, std::uint64_t>);
static_assert(sizeof(Height) == sizeof(std::uint64_t));

TEST(Strong, StartsAtZeroAndOrdersLikeItsNumber) {
  EXPECT_EQ(Height{}.value, 0U);
  EXPECT_LT(Height{1}, Height{2});
  EXPECT_EQ(Height{2}, Height{2});
}

TEST(Strong, StepsToTheNext) {
  EXPECT_EQ(Height{41}.next(), Height{42});
  using Narrow = Strong<struct NarrowTag, std::uint8_t>;
  EXPECT_EQ(Narrow{7}.next(), Narrow{8});
}

}  // namespace
}  // namespace peerpay::base
