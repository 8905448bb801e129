#include "base/os/clock.h"

#include <algorithm>
#include <chrono>

namespace peerpay::os {

base::Now read_clock() {
  using std::chrono::duration_cast;
  const auto monotonic = std::chrono::steady_clock::now().time_since_epoch();
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const auto wall_ms =
      std::max<std::int64_t>(0, duration_cast<std::chrono::milliseconds>(wall).count());
  return {.monotonic = {duration_cast<std::chrono::microseconds>(monotonic).count()},
          .wall = {static_cast<std::uint64_t>(wall_ms)}};
}

}  // namespace peerpay::os
