#pragma once
// Whole files and directories, read and written so that a crash at any moment leaves either the old
// content or the new, never a mixture. Callable from any thread; none of it locks.

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/os/io_error.h"

namespace peerpay::os {

// The whole content of a plain file; kNoPlainFile for anything else, which is never waited for.
// Fails with EFBIG, before anything is read, when there are more than `size_max` bytes.
[[nodiscard]] IoExpected<base::Bytes> read_file(const std::string& path, std::size_t size_max);

// The same of whatever a person names on a command line, pipes and /dev/stdin too: it waits for
// who writes there. Ends after `size_max` bytes, so endless files are safe to name.
[[nodiscard]] IoExpected<base::Bytes> read_input(const std::string& path, std::size_t size_max);

enum class Existing { kReplace, kRefuse };

struct WriteOptions {
  mode_t mode = 0600;  // exactly this, whatever the umask
  Existing existing = Existing::kReplace;
};

// Durable when it returns success: a temporary file beside `path` is written, synced and renamed,
// then the directory is synced. A symbolic link at `path` is replaced, not followed. With
// Existing::kRefuse an existing `path` is left alone and the error is EEXIST. Any other error
// leaves `path` old or new, and no temporary file; a crash may leave one, named `path`.tmp-<16 hex
// digits>, safe to delete.
[[nodiscard]] IoExpected<void> write_file_atomically(const std::string& path,
                                                     base::ByteView content,
                                                     const WriteOptions& options);

// Makes names created, renamed or removed in the directory survive a power cut.
[[nodiscard]] IoExpected<void> sync_directory(const std::string& path);

// Creates the directory and every missing parent with `mode` (less the umask), and syncs the
// parents. Succeeds without a change when it exists already; ENOTDIR when something else has a name
// on the way.
[[nodiscard]] IoExpected<void> create_directories(const std::string& path, mode_t mode);

// Whether this process could make a file in the directory, without making one.
[[nodiscard]] IoExpected<void> check_writable(const std::string& directory);

}  // namespace peerpay::os
