#include "base/os/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace peerpay::os {

void for_each_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  constexpr std::size_t kChunk = 64;
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t begin = next.fetch_add(kChunk); begin < count;
         begin = next.fetch_add(kChunk)) {
      for (std::size_t i = begin; i < std::min(begin + kChunk, count); ++i) work(i);
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) threads.emplace_back(run);
  run();
}

}  // namespace peerpay::os
