#include "api/store/queue_front.h"

#include <gtest/gtest.h>

namespace peerpay::api {
namespace {

using base::Bytes;

TEST(QueueFront, RisesToTheFirstRowOfAScan) {
  QueueFront front;
  EXPECT_TRUE(front.mark().from.empty());
  front.raise(front.mark(), Bytes{5});
  EXPECT_EQ(front.mark().from, Bytes{5});
  front.lower(Bytes{7});
  EXPECT_EQ(front.mark().from, Bytes{5});
  front.lower(Bytes{3});
  EXPECT_EQ(front.mark().from, Bytes{3});
}

TEST(QueueFront, OfAnEmptyQueueIsAboveEveryRow) {
  QueueFront front;
  front.raise(front.mark(), {});
  EXPECT_GT(front.mark().from, Bytes(40, 0xff));
  front.lower(Bytes{9});
  EXPECT_EQ(front.mark().from, Bytes{9});
}

TEST(QueueFront, AScanThatMayHaveMissedARowDoesNotCount) {
  QueueFront front;
  const auto mark = front.mark();
  front.lower(Bytes{2});
  front.raise(mark, Bytes{5});
  EXPECT_LE(front.mark().from, Bytes{2});
}

}  // namespace
}  // namespace peerpay::api
