#include "base/os/clock.h"

#include <gtest/gtest.h>
#include <time.h>

namespace peerpay::os {
namespace {

std::int64_t kernel_microseconds(clockid_t clock) {
  timespec now = {};
  EXPECT_EQ(::clock_gettime(clock, &now), 0);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

TEST(ReadClock, LiesBetweenTwoReadingsOfTheKernelsClocks) {
  const auto monotonic_before = kernel_microseconds(CLOCK_MONOTONIC);
  const auto wall_before_ms =
      static_cast<std::uint64_t>(kernel_microseconds(CLOCK_REALTIME) / 1000);
  const base::Now now = read_clock();
  const auto wall_after_ms = static_cast<std::uint64_t>(kernel_microseconds(CLOCK_REALTIME) / 1000);
  const auto monotonic_after = kernel_microseconds(CLOCK_MONOTONIC);
  EXPECT_GE(now.monotonic.microseconds, monotonic_before);
  EXPECT_LE(now.monotonic.microseconds, monotonic_after);
  EXPECT_GE(now.wall.value, wall_before_ms);
  EXPECT_LE(now.wall.value, wall_after_ms);
}

}  // namespace
}  // namespace peerpay::os
