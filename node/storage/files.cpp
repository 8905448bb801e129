#include "node/storage/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/os/descriptor.h"

namespace peerpay::storage {
namespace {

using os::io_failure;
using os::IoExpected;

constexpr std::size_t kReadChunkBytes = std::size_t{1} << 20;

std::string directory_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

class PosixFile final : public LockedFile {
 public:
  PosixFile(os::Descriptor file, std::string path)
      : file_{std::move(file)}, path_{std::move(path)} {}

  IoExpected<base::Bytes> read(std::size_t size_max) override;
  IoExpected<void> write(std::uint64_t offset, base::ByteView bytes) override;
  IoExpected<void> sync() override;
  IoExpected<void> truncate(std::uint64_t size) override;

 private:
  os::Descriptor file_;
  std::string path_;
};

IoExpected<base::Bytes> PosixFile::read(std::size_t size_max) {
  struct stat status = {};
  if (::fstat(file_.number(), &status) != 0) return io_failure("read", path_);
  if (static_cast<std::uint64_t>(status.st_size) > size_max) {
    errno = EFBIG;
    return io_failure("read", path_);
  }
  // A page whose write-back failed may stay in the cache as if it were on disk ("Can Applications
  // Recover from fsync Failures?", USENIX ATC 2020): drop what is cached. Advice; may be ignored.
  ::posix_fadvise(file_.number(), 0, 0, POSIX_FADV_DONTNEED);
  base::Bytes out;
  for (;;) {
    const std::size_t filled = out.size();
    out.resize(filled + std::min(kReadChunkBytes, size_max + 1 - filled));
    const ssize_t count = ::pread(file_.number(), out.data() + filled, out.size() - filled,
                                  static_cast<off_t>(filled));
    if (count < 0 && errno != EINTR) return io_failure("read", path_);
    out.resize(filled + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0) return out;
    if (out.size() > size_max) {
      errno = EFBIG;
      return io_failure("read", path_);
    }
  }
}

IoExpected<void> PosixFile::write(std::uint64_t offset, base::ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count =
        ::pwrite(file_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_failure("write", path_);
    offset += static_cast<std::uint64_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

IoExpected<void> PosixFile::sync() {
  // Not retried on EINTR either: a second call may report success for pages that the first lost.
  if (::fdatasync(file_.number()) != 0) return io_failure("sync", path_);
  return {};
}

IoExpected<void> PosixFile::truncate(std::uint64_t size) {
  if (::ftruncate(file_.number(), static_cast<off_t>(size)) != 0) {
    return io_failure("truncate", path_);
  }
  return {};
}

bool is_plain(const os::Descriptor& file) {
  struct stat status = {};
  return ::fstat(file.number(), &status) == 0 && S_ISREG(status.st_mode);
}

// False when the name was given to another file between open and lock.
bool is_still_at(const os::Descriptor& file, const std::string& path) {
  struct stat opened = {};
  struct stat named = {};
  return ::fstat(file.number(), &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

class PosixFiles final : public Files {
 public:
  IoExpected<std::unique_ptr<LockedFile>> open(const std::string& path, OpenMode mode) override;
  IoExpected<void> rename(const std::string& from, const std::string& to,
                          os::Existing existing) override;
  void remove(const std::string& path) override { ::unlink(path.c_str()); }
  IoExpected<void> sync_directory_of(const std::string& path) override;
};

IoExpected<std::unique_ptr<LockedFile>> PosixFiles::open(const std::string& path, OpenMode mode) {
  const int create = mode == OpenMode::kEmpty ? O_CREAT : 0;
  auto file = os::open_descriptor(path, O_RDWR | O_NOFOLLOW | create, 0600);
  if (!file) return base::Unexpected{file.error()};
  if (!is_plain(*file)) return base::Unexpected{os::IoError{path, "open", os::kNoPlainFile}};
  if (::flock(file->number(), LOCK_EX | LOCK_NB) != 0) return io_failure("lock", path);
  if (!is_still_at(*file, path)) {
    errno = EWOULDBLOCK;
    return io_failure("lock", path);
  }
  if (mode == OpenMode::kEmpty && ::ftruncate(file->number(), 0) != 0) {
    return io_failure("truncate", path);
  }
  return std::unique_ptr<LockedFile>{std::make_unique<PosixFile>(std::move(*file), path)};
}

IoExpected<void> PosixFiles::rename(const std::string& from, const std::string& to,
                                    os::Existing existing) {
  const unsigned flags = existing == os::Existing::kRefuse ? RENAME_NOREPLACE : 0;
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) != 0) {
    return io_failure("rename a file to", to);
  }
  return {};
}

IoExpected<void> PosixFiles::sync_directory_of(const std::string& path) {
  return os::sync_directory(directory_of(path));
}

}  // namespace

Files& posix_files() {
  static PosixFiles files;
  return files;
}

}  // namespace peerpay::storage
