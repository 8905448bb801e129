#include "base/os/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace peerpay::os {
namespace {

bool is_open_in_kernel(int number) { return ::fcntl(number, F_GETFD) != -1; }

TEST(Descriptor, ClosesWhenItGoesAway) {
  int number = -1;
  {
    const auto file = open_descriptor("/dev/null", O_RDONLY);
    ASSERT_TRUE(file);
    number = file->number();
    EXPECT_TRUE(is_open_in_kernel(number));
  }
  EXPECT_FALSE(is_open_in_kernel(number));
}

TEST(Descriptor, MovesLeaveOneOwner) {
  auto first = open_descriptor("/dev/null", O_RDONLY);
  auto second = open_descriptor("/dev/null", O_RDONLY);
  ASSERT_TRUE(first && second);
  const int kept = first->number();
  const int replaced = second->number();
  *second = std::move(*first);
  EXPECT_EQ(second->number(), kept);
  EXPECT_FALSE(first->is_open());
  EXPECT_TRUE(is_open_in_kernel(kept));
  EXPECT_FALSE(is_open_in_kernel(replaced));
}

TEST(Descriptor, IsNotInheritedByPrograms) {
  const auto file = open_descriptor("/dev/null", O_RDONLY);
  ASSERT_TRUE(file);
  EXPECT_NE(::fcntl(file->number(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(IoError, NamesOperationPathAndReasonInOneSentence) {
  const auto file = open_descriptor("/nonexistent/file", O_RDONLY);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().errno_value, ENOENT);
  EXPECT_EQ(file.error().sentence(), "Cannot open /nonexistent/file: No such file or directory.");
  const IoError pathless{"", "forbid core files", EPERM};
  EXPECT_EQ(pathless.sentence(), "Cannot forbid core files: Operation not permitted.");
}

TEST(WriteAll, ReportsAFullDevice) {
  const auto file = open_descriptor("/dev/full", O_WRONLY);
  ASSERT_TRUE(file);
  const auto written = write_all(*file, base::as_bytes("x"), "/dev/full");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().errno_value, ENOSPC);
}

}  // namespace
}  // namespace peerpay::os
