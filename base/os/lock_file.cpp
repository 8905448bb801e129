#include "base/os/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string_view>

#include "base/os/file.h"

namespace peerpay::os {
namespace {

constexpr std::size_t kPidTextMax = 32;

std::optional<long> read_holder(const std::string& path) {
  const auto content = read_file(path, kPidTextMax);
  if (!content) return std::nullopt;
  const std::string text = base::to_text(*content);
  long pid = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (parsed.ec != std::errc{} || pid <= 0) return std::nullopt;
  return pid;
}

base::Unexpected<LockError> refused(const std::string& directory, const std::string& path) {
  const int cause = errno;
  LockError error{{directory, "lock", cause}, std::nullopt};
  if (cause == EWOULDBLOCK) error.holder_pid = read_holder(path);
  return base::Unexpected{std::move(error)};
}

IoExpected<void> write_holder(const Descriptor& file, const std::string& path) {
  if (::ftruncate(file.number(), 0) != 0) return io_failure("write", path);
  return write_all(file, base::as_bytes(std::to_string(::getpid()) + "\n"), path);
}

}  // namespace

bool LockError::is_held() const { return io.errno_value == EWOULDBLOCK; }

std::string LockError::sentence() const {
  if (!is_held()) return io.sentence();
  if (!holder_pid) return io.path + " is in use by another process.";
  return io.path + " is in use by process " + std::to_string(*holder_pid) + ".";
}

base::Expected<DirectoryLock, LockError> DirectoryLock::acquire(const std::string& directory) {
  const std::string path = directory + "/lock";
  auto file = open_descriptor(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  if (!file) return base::Unexpected{LockError{file.error(), std::nullopt}};
  if (::flock(file->number(), LOCK_EX | LOCK_NB) != 0) return refused(directory, path);
  if (const auto written = write_holder(*file, path); !written) {
    return base::Unexpected{LockError{written.error(), std::nullopt}};
  }
  return DirectoryLock{std::move(*file)};
}

}  // namespace peerpay::os
