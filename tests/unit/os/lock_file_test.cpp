#include "base/os/lock_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/os/file.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::os {
namespace {

TEST(DirectoryLock, RefusesASecondHolderAndNamesTheFirst) {
  const test::TemporaryDirectory directory;
  const auto held = DirectoryLock::acquire(directory.path());
  ASSERT_TRUE(held);
  const auto second = DirectoryLock::acquire(directory.path());
  ASSERT_FALSE(second);
  EXPECT_TRUE(second.error().is_held());
  EXPECT_EQ(second.error().holder_pid, static_cast<long>(::getpid()));
  EXPECT_EQ(second.error().sentence(),
            directory.path() + " is in use by process " + std::to_string(::getpid()) + ".");
}

TEST(DirectoryLock, IsFreeAgainWhenItsHolderGoesAway) {
  const test::TemporaryDirectory directory;
  { ASSERT_TRUE(DirectoryLock::acquire(directory.path())); }
  EXPECT_TRUE(DirectoryLock::acquire(directory.path()));
}

TEST(DirectoryLock, IsFreeAgainAfterItsHolderWasKilled) {
  const test::TemporaryDirectory directory;
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const auto held = DirectoryLock::acquire(directory.path());
    if (held && ::write(ready[1], "r", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const auto refused = DirectoryLock::acquire(directory.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().holder_pid, static_cast<long>(holder));
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  EXPECT_TRUE(DirectoryLock::acquire(directory.path()));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(DirectoryLock, DoesNotInventAHolder) {
  const test::TemporaryDirectory directory;
  const auto held = DirectoryLock::acquire(directory.path());
  ASSERT_TRUE(held);
  ASSERT_EQ(::truncate((directory.path() + "/lock").c_str(), 0), 0);
  const auto second = DirectoryLock::acquire(directory.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().sentence(), directory.path() + " is in use by another process.");
}

TEST(DirectoryLock, ReportsAMissingDirectory) {
  const test::TemporaryDirectory directory;
  const auto lock = DirectoryLock::acquire(directory.file("missing"));
  ASSERT_FALSE(lock);
  EXPECT_FALSE(lock.error().is_held());
  EXPECT_EQ(lock.error().io.errno_value, ENOENT);
  EXPECT_EQ(lock.error().sentence(),
            "Cannot open " + directory.file("missing/lock") + ": No such file or directory.");
}

TEST(DirectoryLock, DoesNotFollowALinkToAnotherFile) {
  const test::TemporaryDirectory directory;
  const std::string precious = directory.file("precious");
  ASSERT_TRUE(write_file_atomically(precious, base::as_bytes("content"), {}));
  ASSERT_EQ(::symlink(precious.c_str(), directory.file("lock").c_str()), 0);
  const auto lock = DirectoryLock::acquire(directory.path());
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().io.errno_value, ELOOP);
}

}  // namespace
}  // namespace peerpay::os
