#include "base/os/process.h"

#include <gtest/gtest.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

namespace peerpay::os {
namespace {

TEST(ForbidMemoryDumpsDeathTest, LeavesNoCoreFileAndNoDumpableProcess) {
  const auto forbid_and_look = [] {
    if (!forbid_memory_dumps()) std::_Exit(1);
    rlimit limit = {1, 1};
    if (::getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0 || limit.rlim_max != 0)
      std::_Exit(2);
    std::_Exit(::prctl(PR_GET_DUMPABLE) == 0 ? 0 : 3);
  };
  EXPECT_EXIT(forbid_and_look(), testing::ExitedWithCode(0), "");
}

TEST(RaiseDescriptorLimit, GoesAsHighAsTheSystemAllows) {
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low = {before.rlim_max / 2, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raise_descriptor_limit().value(), before.rlim_max);
  rlimit after = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

// A sanitizer has a heap of its own, of which the C library knows nothing.
bool is_in_the_librarys_heap(std::size_t bytes) { return ::mallinfo2().uordblks >= bytes; }

TEST(ReturnFreedMemory, IsDoneOnceAfterEachBurst) {
  constexpr std::size_t kBlockBytes = 16 * 1024;
  constexpr std::size_t kKeptMax = 32 * 1024 * 1024;
  std::vector<std::unique_ptr<std::array<char, kBlockBytes>>> in_use;
  const auto burst = [&] {
    std::vector<std::unique_ptr<std::array<char, kBlockBytes>>> blocks(4'096);
    for (auto& block : blocks) block = std::make_unique<std::array<char, kBlockBytes>>();
    in_use.push_back(std::make_unique<std::array<char, kBlockBytes>>());
    return is_in_the_librarys_heap(blocks.size() * kBlockBytes);
  };
  bool is_seen = burst();
  EXPECT_EQ(return_freed_memory(kKeptMax), is_seen);
  EXPECT_FALSE(return_freed_memory(kKeptMax)) << "what was given back is freed still";
  is_seen = burst();
  EXPECT_EQ(return_freed_memory(kKeptMax), is_seen);
  EXPECT_FALSE(return_freed_memory(kKeptMax));
}

TEST(ReturnFreedMemory, ReturnsWhatLiesBelowSomethingInUse) {
  constexpr std::size_t kBlocks = 4'096;
  constexpr std::size_t kBlockBytes = 16 * 1024;  // too small to be mapped by itself
  std::vector<std::unique_ptr<std::array<char, kBlockBytes>>> blocks(kBlocks);
  for (auto& block : blocks) block = std::make_unique<std::array<char, kBlockBytes>>();
  const auto in_use = std::make_unique<std::array<char, kBlockBytes>>();
  const bool is_seen = is_in_the_librarys_heap(kBlocks * kBlockBytes);
  blocks.clear();
  const auto resident_pages = [] {
    std::ifstream statm{"/proc/self/statm"};
    std::size_t total = 0;
    std::size_t resident = 0;
    statm >> total >> resident;
    return resident;
  };
  const auto before = resident_pages();
  return_freed_memory(std::size_t{1} << 40);
  EXPECT_GE(resident_pages() + 16, before) << "little enough may stay";
  return_freed_memory(0);
  EXPECT_EQ(resident_pages() + 8'192 < before, is_seen)
      << "at least half of 64 MiB, in pages of 4 KiB";
}

TEST(NameThisThread, IsWhatTheKernelSays) {
  std::thread{[] {
    name_this_thread("a-thread");
    std::array<char, 16> name{};
    ASSERT_EQ(::pthread_getname_np(::pthread_self(), name.data(), name.size()), 0);
    EXPECT_STREQ(name.data(), "a-thread");
  }}.join();
}

}  // namespace
}  // namespace peerpay::os
