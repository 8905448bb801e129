#include "node/app/storage_failure.h"

#include <cerrno>
#include <string_view>

namespace peerpay::app {
namespace {

// Why the system refuses: each cause has its own code and its own next step.
enum class Cause : std::uint8_t { kDisk, kRights, kName, kOther };

Cause cause_of(int errno_value) {
  switch (errno_value) {
    case EIO:
    case ENOSPC:
    case EDQUOT:
    case EROFS:
    case ESTALE:
    case ENXIO: return Cause::kDisk;
    case EACCES:
    case EPERM: return Cause::kRights;
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case EFBIG:
    case ENAMETOOLONG:
    case os::kNoPlainFile: return Cause::kName;
    default: return Cause::kOther;
  }
}

ExitCode exit_code(Cause cause) {
  switch (cause) {
    case Cause::kDisk: return ExitCode::kDurabilityLost;
    case Cause::kRights:
    case Cause::kName: return ExitCode::kUsage;
    case Cause::kOther: return ExitCode::kError;
  }
  PEERPAY_UNREACHABLE("every cause has an exit code");
}

std::string_view next_step(int errno_value) {
  switch (cause_of(errno_value)) {
    case Cause::kDisk: return " Next: find out why the disk refuses, then start again.";
    case Cause::kRights:
      return " Next: run it as the user that the home belongs to, or give this one the right.";
    case Cause::kName:
      if (errno_value == ENOENT) return "";
      return " Next: look at what is there under that name; move it aside if it is not the node's.";
    case Cause::kOther: return "";
  }
  PEERPAY_UNREACHABLE("every cause has a next step");
}

ExitCode exit_code(storage::StorageFault fault) {
  switch (fault) {
    case storage::StorageFault::kInUse: return ExitCode::kHomeInUse;
    case storage::StorageFault::kUnusable: return ExitCode::kUsage;
    case storage::StorageFault::kIo:
    case storage::StorageFault::kFull: return ExitCode::kDurabilityLost;
    case storage::StorageFault::kStopped: return ExitCode::kOk;
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

Failure failure_of(const os::IoError& error) {
  return {exit_code(cause_of(error.errno_value)),
          error.sentence() + std::string{next_step(error.errno_value)}};
}

Failure failure_of(const os::LockError& error) {
  return error.is_held() ? Failure{ExitCode::kHomeInUse, error.sentence()} : failure_of(error.io);
}

Failure stopped_before_start() { return failure_of(storage::stopped_early().error); }

}  // namespace peerpay::app
