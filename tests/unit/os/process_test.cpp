#include "base/os/process.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <array>
#include <cstdlib>
#include <thread>

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
