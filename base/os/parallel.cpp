#include "base/os/parallel.h"

#include <algorithm>
#include <atomic>
#include <system_error>
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
  const std::size_t useful = (count + kChunk - 1) / kChunk;
  const std::size_t wanted = std::min<std::size_t>(std::thread::hardware_concurrency(), useful);
  std::vector<std::jthread> threads;
  try {
    while (threads.size() + 1 < wanted) threads.emplace_back(run);
  } catch (const std::system_error&) {
    // The system gives no more of them: those there are do it all.
  }
  run();
}

}  // namespace peerpay::os
