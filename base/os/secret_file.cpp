#include "base/os/secret_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "base/check.h"
#include "base/os/descriptor.h"

namespace peerpay::os {
namespace {

constexpr mode_t kOthers = 077;

base::Unexpected<SecretFileError> refused(SecretFileFault fault, const std::string& path,
                                          mode_t mode = 0) {
  return base::Unexpected{SecretFileError{fault, {path, "read", 0}, mode}};
}

base::Unexpected<SecretFileError> unreadable(const IoError& error) {
  return base::Unexpected{SecretFileError{SecretFileFault::kUnreadable, error}};
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
  return {text.data(), static_cast<std::size_t>(length)};
}

// Fills `out` and cuts it to what there was; false with errno when the system refuses.
bool read_into(const Descriptor& file, base::Bytes& out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t count = ::read(file.number(), out.data() + filled, out.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  out.resize(filled);
  return true;
}

}  // namespace

std::string SecretFileError::sentence() const {
  switch (fault) {
    case SecretFileFault::kUnreadable: return io.sentence();
    case SecretFileFault::kNotAPlainFile:
      return io.path + " holds a secret and must be a plain file, not a link or a directory.";
    case SecretFileFault::kForeignOwner:
      return io.path + " holds a secret and belongs to another user. Mend it with: chown " +
             std::to_string(::geteuid()) + " " + io.path;
    case SecretFileFault::kOpenToOthers:
      return io.path + " holds a secret and others may use it (mode " + octal(mode) +
             "). Mend it with: chmod 600 " + io.path;
  }
  PEERPAY_UNREACHABLE("a SecretFileFault is one of its enumerators");
}

base::Expected<base::Bytes, SecretFileError> read_secret_file(const std::string& path,
                                                              std::size_t size_max) {
  // O_NONBLOCK: opening a pipe must not wait for somebody to write to it.
  const auto file = open_descriptor(path, O_RDONLY | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
  if (!file && file.error().errno_value == ELOOP) {
    return refused(SecretFileFault::kNotAPlainFile, path);
  }
  if (!file) return unreadable(file.error());
  struct stat status = {};
  if (::fstat(file->number(), &status) != 0) return unreadable(io_failure("read", path).error);
  if (!S_ISREG(status.st_mode)) return refused(SecretFileFault::kNotAPlainFile, path);
  if (status.st_uid != ::geteuid()) return refused(SecretFileFault::kForeignOwner, path);
  if ((status.st_mode & kOthers) != 0) {
    return refused(SecretFileFault::kOpenToOthers, path, status.st_mode);
  }
  base::Bytes out(size_max + 1);  // one more than allowed, to notice what is too long
  const bool read = read_into(*file, out);
  if (read && out.size() <= size_max) return out;
  if (read) errno = EFBIG;
  const auto error = io_failure("read", path).error;
  ::explicit_bzero(out.data(), out.capacity());
  return unreadable(error);
}

}  // namespace peerpay::os
