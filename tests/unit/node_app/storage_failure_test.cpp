#include "node/app/storage_failure.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace peerpay::app {
namespace {

TEST(StorageFailure, WhatTheSystemRefusesHasTheCodeOfItsCause) {
  const auto code = [](int errno_value) {
    return failure_of(os::IoError{"home/file", "open", errno_value}).code;
  };
  for (const int disk : {EIO, ENOSPC, EROFS, EDQUOT})
    EXPECT_EQ(code(disk), ExitCode::kDurabilityLost) << disk;
  for (const int home : {ENOENT, EACCES, EISDIR, ENOTDIR, ELOOP, os::kNoPlainFile})
    EXPECT_EQ(code(home), ExitCode::kUsage) << home;
  EXPECT_EQ(code(EMFILE), ExitCode::kError);
}

TEST(StorageFailure, OnlyALockThatIsHeldIsAnotherProcess) {
  const auto code = [](int errno_value) {
    return failure_of(os::LockError{{"home", "lock", errno_value}, {}}).code;
  };
  EXPECT_EQ(code(EWOULDBLOCK), ExitCode::kHomeInUse);
  EXPECT_EQ(code(EROFS), ExitCode::kDurabilityLost);
  EXPECT_EQ(code(EISDIR), ExitCode::kUsage);
}

}  // namespace
}  // namespace peerpay::app
