#include "base/os/entropy.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"

namespace peerpay::os {
namespace {

TEST(FillWithEntropy, FillsEveryPartOfALongSpan) {
  // getrandom may return less than it was asked for above 256 bytes.
  base::Bytes out(std::size_t{1} << 20);
  ASSERT_TRUE(fill_with_entropy(out));
  for (std::size_t i = 0; i < out.size(); i += 32) {
    const auto chunk = base::ByteView{out}.subspan(i, 32);
    EXPECT_TRUE(std::any_of(chunk.begin(), chunk.end(), [](auto byte) { return byte != 0; })) << i;
  }
}

TEST(FillWithEntropy, NeverRepeats) {
  std::array<std::uint8_t, 32> first{};
  std::array<std::uint8_t, 32> second{};
  ASSERT_TRUE(fill_with_entropy(first));
  ASSERT_TRUE(fill_with_entropy(second));
  EXPECT_NE(first, second);
}

TEST(FillWithEntropy, TakesAnEmptySpan) { EXPECT_TRUE(fill_with_entropy({})); }

// From here on every getrandom of this process fails as on a kernel that lacks it.
void forbid_getrandom() {
  std::array<sock_filter, 4> program = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getrandom, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter = {static_cast<unsigned short>(program.size()), program.data()};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

TEST(FillWithEntropyDeathTest, FailsWithNothingButZeros) {
  const auto fill_without_getrandom = [] {
    forbid_getrandom();
    std::array<std::uint8_t, 32> out{};
    out.fill(0xaa);
    const auto filled = fill_with_entropy(out);
    const bool all_zero = std::all_of(out.begin(), out.end(), [](auto byte) { return byte == 0; });
    std::fputs(filled ? "filled" : filled.error().sentence().c_str(), stderr);
    std::_Exit(all_zero ? 0 : 1);
  };
  EXPECT_EXIT(fill_without_getrandom(), testing::ExitedWithCode(0),
              "Cannot read the kernel's random numbers: Function not implemented.");
}

}  // namespace
}  // namespace peerpay::os
