#pragma once
// DirectoryLock: one process at a time per data directory. Two nodes on one sign log could vote
// twice; two wallets on one keystore could lose a payment record.
//
// The lock is flock(2) on `directory`/lock: the kernel drops it when the holder dies, however it
// dies, so there are no stale locks to clean up. The file itself stays and names the last holder.

#include <optional>
#include <string>

#include "base/os/descriptor.h"
#include "base/os/io_error.h"

namespace peerpay::os {

struct LockError {
  IoError io;                      // errno EWOULDBLOCK when another process holds the lock
  std::optional<long> holder_pid;  // who, when it could be read

  [[nodiscard]] bool is_held() const;  // by another process; else the lock can't be taken at all
  // For example "/var/lib/peerpay is in use by process 4711."
  [[nodiscard]] std::string sentence() const;
};

class DirectoryLock {
 public:
  // Never waits. Held until the result goes away. REQUIRES: the directory exists.
  [[nodiscard]] static base::Expected<DirectoryLock, LockError> acquire(
      const std::string& directory);

 private:
  explicit DirectoryLock(Descriptor file) : file_{std::move(file)} {}
  Descriptor file_;
};

}  // namespace peerpay::os
