#include "node/app/storage_failure.h"

namespace peerpay::app {
namespace {

ExitCode exit_code(storage::StorageFault fault) {
  switch (fault) {
    case storage::StorageFault::kInUse: return ExitCode::kHomeInUse;
    case storage::StorageFault::kIo:
    case storage::StorageFault::kFull: return ExitCode::kDurabilityLost;
    case storage::StorageFault::kMissing:
    case storage::StorageFault::kExists:
    case storage::StorageFault::kIdentityMismatch:
    case storage::StorageFault::kFormatUnknown:
    case storage::StorageFault::kCorrupt:
    case storage::StorageFault::kStateMismatch:
    case storage::StorageFault::kPromiseBroken:
    case storage::StorageFault::kOutdated:
    case storage::StorageFault::kSettingMismatch:
    case storage::StorageFault::kCursorInvalid: return ExitCode::kDataCorrupt;
  }
  return ExitCode::kDataCorrupt;
}

}  // namespace

Failure failure_of(const storage::StorageError& error) {
  return {exit_code(error.fault), error.message};
}

}  // namespace peerpay::app
