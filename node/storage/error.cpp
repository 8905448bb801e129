#include "node/storage/error.h"

#include <cerrno>
#include <utility>

namespace peerpay::storage {
namespace {

StorageFault fault_of(int errno_value) {
  switch (errno_value) {
    case ENOENT: return StorageFault::kMissing;
    case EEXIST: return StorageFault::kExists;
    case EWOULDBLOCK: return StorageFault::kInUse;
    case EACCES:
    case EPERM:
    case EISDIR:
    case ENOTDIR:
    case ELOOP:
    case os::kNoPlainFile: return StorageFault::kUnusable;
    default: return StorageFault::kIo;
  }
}

StorageFault fault_of(database::DatabaseFault fault) {
  using database::DatabaseFault;
  switch (fault) {
    case DatabaseFault::kMissing: return StorageFault::kMissing;
    case DatabaseFault::kInUse: return StorageFault::kInUse;
    case DatabaseFault::kFormatUnknown: return StorageFault::kFormatUnknown;
    case DatabaseFault::kCorrupt: return StorageFault::kCorrupt;
    case DatabaseFault::kFull: return StorageFault::kFull;
    case DatabaseFault::kIo: return StorageFault::kIo;
  }
  PEERPAY_UNREACHABLE("every DatabaseFault has its StorageFault");
}

}  // namespace

StorageError::StorageError(const database::DatabaseError& error)
    : StorageError{fault_of(error.fault), error.message} {}

std::string_view name(StorageFault fault) {
  switch (fault) {
    case StorageFault::kMissing: return "missing";
    case StorageFault::kExists: return "exists";
    case StorageFault::kInUse: return "in_use";
    case StorageFault::kUnusable: return "unusable";
    case StorageFault::kIdentityMismatch: return "identity_mismatch";
    case StorageFault::kFormatUnknown: return "format_unknown";
    case StorageFault::kCorrupt: return "corrupt";
    case StorageFault::kStateMismatch: return "state_mismatch";
    case StorageFault::kIo: return "io";
    case StorageFault::kPromiseBroken: return "promise_broken";
    case StorageFault::kFull: return "full";
    case StorageFault::kOutdated: return "outdated";
    case StorageFault::kSettingMismatch: return "setting_mismatch";
    case StorageFault::kCursorInvalid: return "cursor_invalid";
    case StorageFault::kStopped: return "stopped";
  }
  PEERPAY_UNREACHABLE("every StorageFault has a name");
}

base::Unexpected<StorageError> storage_failure(StorageFault fault, std::string message) {
  return base::Unexpected{StorageError{fault, std::move(message)}};
}

base::Unexpected<StorageError> storage_failure(const os::IoError& error) {
  return storage_failure(fault_of(error.errno_value), error.sentence());
}

base::Unexpected<StorageError> stopped_early() {
  return storage_failure(StorageFault::kStopped,
                         "Told to stop before the start was over: nothing is lost.");
}

}  // namespace peerpay::storage
