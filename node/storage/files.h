#pragma once
// Files: the file operations that the sign log rests on, and nothing more, so that a test can stand
// in for the disk and fail, tear and forget at every step.
//
// What the sign log assumes of a disk (and a test's disk grants): after a power cut, each 512-byte
// sector of a file is as it was at the last sync or as written since, a sector that was added and
// not synced may read as zeros, the file may have any length between the synced and the last one,
// and a rename holds once the directory is synced. ext4 (data=ordered), XFS and Btrfs do this.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/os/file.h"
#include "base/os/io_error.h"

namespace peerpay::storage {

// An open file, locked against every other process for as long as this object lives.
class LockedFile {
 public:
  LockedFile() = default;
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;
  virtual ~LockedFile() = default;

  // The whole content, from the device where the system can be asked for it. EFBIG above
  // `size_max`, before anything is read.
  [[nodiscard]] virtual os::IoExpected<base::Bytes> read(std::size_t size_max) = 0;
  // After an error any part of `bytes` may have been written.
  [[nodiscard]] virtual os::IoExpected<void> write(std::uint64_t offset, base::ByteView bytes) = 0;
  // Content and length are durable when it returns success; after an error nothing is known.
  [[nodiscard]] virtual os::IoExpected<void> sync() = 0;
  [[nodiscard]] virtual os::IoExpected<void> truncate(std::uint64_t size) = 0;
};

enum class OpenMode : std::uint8_t { kExisting, kEmpty };

class Files {
 public:
  Files() = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  virtual ~Files() = default;

  // kExisting: ENOENT when there is none. kEmpty: created with mode 0600, or emptied. EWOULDBLOCK
  // when another process holds the lock; os::kNoPlainFile for a pipe or a device. Never follows a
  // symbolic link.
  [[nodiscard]] virtual os::IoExpected<std::unique_ptr<LockedFile>> open(const std::string& path,
                                                                         OpenMode mode) = 0;
  // EEXIST with kRefuse when `to` exists.
  [[nodiscard]] virtual os::IoExpected<void> rename(const std::string& from, const std::string& to,
                                                    os::Existing existing) = 0;
  // Tidies up after a failure, so its own is nobody's concern.
  virtual void remove(const std::string& path) = 0;
  // Makes the names in the directory of `path` durable.
  [[nodiscard]] virtual os::IoExpected<void> sync_directory_of(const std::string& path) = 0;
};

// The real ones. Callable from any thread.
[[nodiscard]] Files& posix_files();

}  // namespace peerpay::storage
