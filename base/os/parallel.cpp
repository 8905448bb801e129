#include "base/os/parallel.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace peerpay::os {

void for_each_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  // Few things may be large each; of many, taking them one by one would cost more than some do.
  constexpr std::size_t kChunkMax = 64;
  constexpr std::size_t kChunksOfEach = 8;
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const auto chunk = std::clamp<std::size_t>(count / (cores * kChunksOfEach), 1, kChunkMax);
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t begin = next.fetch_add(chunk); begin < count; begin = next.fetch_add(chunk)) {
      for (std::size_t i = begin; i < std::min(begin + chunk, count); ++i) work(i);
    }
  };
  const std::size_t wanted = std::min(cores, count);
  std::vector<std::jthread> threads;
  try {
    while (threads.size() + 1 < wanted) threads.emplace_back(run);
  } catch (const std::system_error&) {
    // The system gives no more of them: those there are do it all.
  }
  run();
}

}  // namespace peerpay::os
