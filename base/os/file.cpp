#include "base/os/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/os/descriptor.h"
#include "base/os/entropy.h"

namespace peerpay::os {
namespace {

constexpr std::size_t kReadChunk = std::size_t{64} * 1024;

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Reads up to `size` further bytes onto the end of `out`; success with nothing added is the end.
IoExpected<void> read_more(const Descriptor& file, base::Bytes& out, std::size_t size,
                           const std::string& path) {
  const std::size_t filled = out.size();
  out.resize(filled + size);
  ssize_t count = 0;
  do {
    count = ::read(file.number(), out.data() + filled, size);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return io_failure("read", path);
  out.resize(filled + static_cast<std::size_t>(count));
  return {};
}

IoExpected<base::Bytes> read_all(const Descriptor& file, std::size_t size_max,
                                 const std::string& path) {
  base::Bytes out;
  while (out.size() <= size_max) {
    const std::size_t filled = out.size();
    // One byte above the limit is asked for, to tell a full file from one that is too long.
    const std::size_t wanted = std::min(kReadChunk, size_max - filled + 1);
    if (const auto more = read_more(file, out, wanted, path); !more) {
      return base::Unexpected{more.error()};
    }
    if (out.size() == filled) return out;
  }
  errno = EFBIG;
  return io_failure("read", path);
}

// Unguessable, so that no one can prepare a file there, and two writers never share one.
IoExpected<std::string> temporary_name(const std::string& path) {
  std::array<std::uint8_t, 8> random{};
  if (const auto filled = fill_with_entropy(random); !filled)
    return base::Unexpected{filled.error()};
  return path + ".tmp-" + base::to_hex(random);
}

// The file is created narrower than asked, so that a crash before fchmod never leaves it wider.
IoExpected<void> write_synced(const std::string& path, base::ByteView content, mode_t mode) {
  auto file = open_descriptor(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode & 0600);
  if (!file) return base::Unexpected{file.error()};
  if (::fchmod(file->number(), mode) != 0) return io_failure("set the mode of", path);
  if (const auto written = write_all(*file, content, path); !written) return written;
  if (::fdatasync(file->number()) != 0) return io_failure("sync", path);
  return {};
}

IoExpected<void> rename_file(const std::string& from, const std::string& to, Existing existing) {
  const unsigned flags = existing == Existing::kRefuse ? RENAME_NOREPLACE : 0;
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) != 0) {
    return io_failure("create", to);
  }
  return {};
}

IoExpected<void> create_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) return sync_directory(parent_of(path));
  if (errno != EEXIST) return io_failure("create", path);
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return io_failure("create", path);
  if (S_ISDIR(status.st_mode)) return {};
  errno = ENOTDIR;
  return io_failure("create", path);
}

}  // namespace

IoExpected<base::Bytes> read_file(const std::string& path, std::size_t size_max) {
  // O_NONBLOCK: opening a pipe must not wait for somebody to write to it.
  const auto file = open_descriptor(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  if (!file) return base::Unexpected{file.error()};
  struct stat status = {};
  if (::fstat(file->number(), &status) != 0) return io_failure("read", path);
  if (!S_ISREG(status.st_mode)) return base::Unexpected{IoError{path, "read", kNoPlainFile}};
  if (static_cast<std::uint64_t>(status.st_size) > size_max) {
    errno = EFBIG;
    return io_failure("read", path);
  }
  return read_all(*file, size_max, path);
}

IoExpected<base::Bytes> read_input(const std::string& path, std::size_t size_max) {
  const auto file = open_descriptor(path, O_RDONLY | O_NOCTTY);
  if (!file) return base::Unexpected{file.error()};
  return read_all(*file, size_max, path);
}

IoExpected<void> write_file_atomically(const std::string& path, base::ByteView content,
                                       const WriteOptions& options) {
  const auto temporary = temporary_name(path);
  if (!temporary) return base::Unexpected{temporary.error()};
  auto done = write_synced(*temporary, content, options.mode);
  if (done) done = rename_file(*temporary, path, options.existing);
  if (!done) {
    ::unlink(temporary->c_str());
    return base::Unexpected{IoError{path, done.error().operation, done.error().errno_value}};
  }
  return sync_directory(parent_of(path));
}

IoExpected<void> sync_directory(const std::string& path) {
  const auto directory = open_descriptor(path, O_RDONLY | O_DIRECTORY);
  if (!directory) return base::Unexpected{directory.error()};
  if (::fsync(directory->number()) != 0) return io_failure("sync", path);
  return {};
}

IoExpected<void> create_directories(const std::string& path, mode_t mode) {
  for (auto slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    if (const auto made = create_directory(path.substr(0, slash), mode); !made) return made;
  }
  return create_directory(path, mode);
}

IoExpected<void> check_writable(const std::string& directory) {
  if (::access(directory.c_str(), W_OK | X_OK) != 0) return io_failure("write in", directory);
  return {};
}

}  // namespace peerpay::os
