#include "base/os/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace peerpay::os {
namespace {

TEST(ForEachParallel, DoesEachOnce) {
  for (const std::size_t count : {0, 1, 64, 65, 1'000}) {
    std::vector<std::atomic<int>> times(count);
    for_each_parallel(count, [&](std::size_t i) { ++times[i]; });
    for (const auto& each : times) EXPECT_EQ(each, 1);
  }
}

}  // namespace
}  // namespace peerpay::os
