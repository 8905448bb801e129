#include "base/os/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
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

TEST(ForEachParallel, AsManyThingsHappenAtTheSameTimeAsThereAreCores) {
  const int together = std::thread::hardware_concurrency() < 2 ? 1 : 2;
  std::mutex mutex;
  std::condition_variable arrived;
  int here = 0;
  int met = 0;
  for_each_parallel(2, [&](std::size_t) {
    std::unique_lock lock{mutex};
    ++here;
    arrived.notify_all();
    met +=
        arrived.wait_for(lock, std::chrono::seconds{20}, [&] { return here >= together; }) ? 1 : 0;
  });
  EXPECT_EQ(met, 2);
}

}  // namespace
}  // namespace peerpay::os
