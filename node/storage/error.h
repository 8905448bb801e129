#pragma once
// StorageError: why something durable could not be read, written or trusted. The message is for the
// operator: it names the file or directory and says what to do.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/database/database.h"
#include "base/expected.h"
#include "base/os/io_error.h"

namespace peerpay::storage {

enum class StorageFault : std::uint8_t {
  kMissing,           // nothing there
  kExists,            // something there already, and it was left alone
  kInUse,             // another process has it open
  kUnusable,          // no plain file, or not this user's to use; nothing of its content is known
  kIdentityMismatch,  // another network's, or another validator's
  kFormatUnknown,     // written by a newer version
  kCorrupt,           // bytes are not what was written
  kStateMismatch,     // the stored state is not the one that the chain commits to
  kIo,                // the operating system refused, the device failed, or the disk is full
  kPromiseBroken,     // a vote that excludes an earlier one
  kFull,              // a bound of ours is reached: of a file, or of the free disk
  kOutdated,          // a sign log older than the votes that the block store knows of
  kSettingMismatch,   // made with another setting that can't be changed afterwards
  kCursorInvalid,     // a page cursor that no answer of this node contained
  kStopped,           // told to stop before it was done; nothing is wrong
};
// Stable snake_case name, for example "identity_mismatch".
[[nodiscard]] std::string_view name(StorageFault fault);

struct StorageError {
  StorageError(StorageFault what, std::string sentence)
      : fault{what}, message{std::move(sentence)} {}
  // What the database says is said on: every DatabaseFault has its StorageFault.
  StorageError(const database::DatabaseError& error);  // NOLINT(google-explicit-constructor)

  StorageFault fault;
  std::string message;
};

template <class T>
using StorageExpected = base::Expected<T, StorageError>;

[[nodiscard]] base::Unexpected<StorageError> storage_failure(StorageFault fault,
                                                             std::string message);
// kMissing, kExists, kInUse or kUnusable where errno says so, else kIo.
[[nodiscard]] base::Unexpected<StorageError> storage_failure(const os::IoError& error);
// kStopped.
[[nodiscard]] base::Unexpected<StorageError> stopped_early();

}  // namespace peerpay::storage
