#include "base/os/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace peerpay::os {
namespace {

TEST(ForEachParallel, DoesEachOnce) {
  constexpr std::size_t kCount = 1'000;
  std::vector<std::atomic<int>> times(kCount);
  for_each_parallel(kCount, [&](std::size_t i) { ++times[i]; });
  for (const auto& count : times) EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace peerpay::os
