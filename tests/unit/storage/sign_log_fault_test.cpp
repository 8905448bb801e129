// Faults at every step of the life of a sign log: what was acknowledged is never lost, what is read
// back was asked for, and a log that failed once never pretends to work again.

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "node/storage/sign_log.h"
#include "tests/unit/storage/memory_files.h"
#include "tests/unit/storage/records.h"

namespace peerpay::storage {
namespace {

using consensus::SafetyRecord;
using test::MemoryFiles;
using Records = std::vector<SafetyRecord>;

const std::string kPath = "signer/sign.log";
const SignerIdentity kSigner{{}, {}};

// What a crash may leave: the records that were acknowledged, or those that the step in progress
// would have left.
struct Expectation {
  bool created = false;
  Records acknowledged;
  Records attempted;
};

// Creates, appends and compacts; stops at the first error.
void live(MemoryFiles& disk, Expectation& expected) {
  auto log = SignLog::create(disk, kPath, kSigner, SignLogId{});
  if (!log) return;
  expected.created = true;
  for (std::uint64_t view = 1; view <= 6; ++view) {
    const Records added = {test::notarization(view, 12), test::notarize(view)};
    expected.attempted.insert(expected.attempted.end(), added.begin(), added.end());
    if (!log->append(added)) return;
    expected.acknowledged = expected.attempted;
    if (view % 2 != 0) continue;
    expected.attempted = added;
    if (!log->compact(added)) return;
    expected.acknowledged = added;
  }
}

std::uint64_t steps_of_a_life() {
  MemoryFiles disk;
  Expectation expected;
  live(disk, expected);
  return disk.steps();
}

void expect_sound(MemoryFiles& disk, const Expectation& expected) {
  const auto opened = SignLog::open(disk, kPath, kSigner);
  if (!opened) {
    EXPECT_EQ(opened.error().fault, StorageFault::kMissing) << opened.error().message;
    EXPECT_FALSE(expected.created);
    return;
  }
  EXPECT_TRUE(opened->records == expected.acknowledged || opened->records == expected.attempted);
}

TEST(SignLogFaults, APowerCutAtAnyStepLosesNothingAcknowledged) {
  const std::uint64_t steps = steps_of_a_life();
  ASSERT_GT(steps, 30U);
  for (std::uint64_t step = 0; step <= steps; ++step) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      SCOPED_TRACE("step " + std::to_string(step) + " seed " + std::to_string(seed));
      MemoryFiles disk;
      disk.crash_at(step);
      Expectation expected;
      live(disk, expected);
      base::Rng rng{seed};
      disk.power_cut(rng);
      expect_sound(disk, expected);
    }
  }
}

TEST(SignLogFaults, AKillAtAnyStepLosesNothingAcknowledged) {
  for (std::uint64_t step = 0; step <= steps_of_a_life(); ++step) {
    SCOPED_TRACE(step);
    MemoryFiles disk;
    disk.crash_at(step);
    Expectation expected;
    live(disk, expected);
    disk.kill();
    expect_sound(disk, expected);
  }
}

TEST(SignLogFaults, AnErrorAtAnyStepStopsTheLogAndLosesNothingAcknowledged) {
  for (const int errno_value : {EIO, ENOSPC}) {
    for (std::uint64_t step = 0; step < steps_of_a_life(); ++step) {
      for (const bool power_cut : {false, true}) {
        SCOPED_TRACE("step " + std::to_string(step));
        MemoryFiles disk;
        disk.fail_at(step, errno_value);
        Expectation expected;
        live(disk, expected);
        EXPECT_EQ(disk.steps(), step + 1) << "nothing touches the disk after an error";
        base::Rng rng{step};
        power_cut ? disk.power_cut(rng) : disk.kill();
        expect_sound(disk, expected);
      }
    }
  }
}

TEST(SignLogFaults, AFailedSyncPoisonsForGood) {
  MemoryFiles disk;
  auto log = SignLog::create(disk, kPath, kSigner, SignLogId{});
  disk.restart_steps();
  disk.fail_at(1, EIO);  // write, sync
  const auto failed = log->append(std::vector{test::nullify(1)});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().fault, StorageFault::kIo);
  disk.no_fault();
  EXPECT_EQ(log->append(std::vector{test::nullify(2)}).error().message, failed.error().message);
  EXPECT_EQ(log->compact({}).error().message, failed.error().message);
  EXPECT_EQ(disk.steps(), 2U);
}

// A process is killed between write and sync; the next one reads the vote back and acts on it. Then
// the power goes.
TEST(SignLogFaults, WhatOpenReturnsIsDurable) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    MemoryFiles disk;
    {
      auto log = SignLog::create(disk, kPath, kSigner, SignLogId{});
      disk.restart_steps();
      disk.crash_at(0);
      ASSERT_FALSE(log->append(std::vector{test::nullify(1)}));
    }
    disk.kill();
    { ASSERT_EQ(SignLog::open(disk, kPath, kSigner)->records.size(), 1U); }
    base::Rng rng{seed};
    disk.power_cut(rng);
    EXPECT_EQ(SignLog::open(disk, kPath, kSigner)->records.size(), 1U) << seed;
  }
}

TEST(SignLogFaults, AFailureWhileOpeningIsReported) {
  MemoryFiles disk;
  {
    ASSERT_TRUE(
        SignLog::create(disk, kPath, kSigner, SignLogId{})->append(std::vector{test::nullify(1)}));
  }
  for (std::uint64_t step = 0; step < 4; ++step) {
    disk.restart_steps();
    disk.fail_at(step, EIO);
    const auto opened = SignLog::open(disk, kPath, kSigner);
    ASSERT_FALSE(opened) << step;
    EXPECT_EQ(opened.error().fault, StorageFault::kIo);
    EXPECT_NE(opened.error().message.find("keep it"), std::string::npos);
  }
}

TEST(SignLogFaults, ALogThatCantBeMadeLeavesNothing) {
  for (std::uint64_t step = 0; step < 5; ++step) {
    MemoryFiles disk;
    disk.fail_at(step, ENOSPC);
    ASSERT_FALSE(SignLog::create(disk, kPath, kSigner, SignLogId{})) << step;
    EXPECT_FALSE(disk.exists(kPath + ".new")) << step;
  }
}

}  // namespace
}  // namespace peerpay::storage
