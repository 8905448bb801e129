#pragma once

// How the process ends when the disk, or what lies on it, fails so.

#include "base/os/io_error.h"
#include "base/os/lock_file.h"
#include "node/app/exit_code.h"
#include "node/storage/error.h"

namespace peerpay::app {

[[nodiscard]] Failure failure_of(const storage::StorageError& error);
// Of the home's files. The sentence ends with what to do.
[[nodiscard]] Failure failure_of(const os::IoError& error);
[[nodiscard]] Failure failure_of(const os::LockError& error);
// It was told to stop before it ran: that is no failure.
[[nodiscard]] Failure stopped_before_start();

}  // namespace peerpay::app
