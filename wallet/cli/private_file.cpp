#include "wallet/cli/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/os/descriptor.h"

namespace peerpay::wallet::cli {
namespace {

base::Unexpected<Failure> unsafe(const std::string& path, std::string_view reason) {
  return fail(ExitCode::kLocked, "file_not_private", path + " " + std::string{reason},
              "chmod 600 " + path);
}

Result<void> check_owner_and_mode(const struct stat& status, const std::string& path) {
  if (status.st_uid != geteuid() && status.st_uid != 0) {
    return unsafe(path, "belongs to another user.");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return unsafe(path, "can be read or changed by other users, and it protects money.");
  }
  return {};
}

enum class Pipes { kRefused, kAllowed };

Result<crypto::SecretBytes> read_checked(const std::string& path, std::size_t size_max,
                                         Pipes pipes) {
  const int flags = O_RDONLY | (pipes == Pipes::kRefused ? O_NOFOLLOW : 0);
  const auto file = os::open_descriptor(path, flags);
  if (!file && pipes == Pipes::kRefused && file.error().errno_value == ELOOP) {
    return fail(ExitCode::kLocked, "file_not_private", path + " is a symbolic link.",
                "put the file itself there");
  }
  if (!file) return io_failed(file.error());
  struct stat status {};
  if (fstat(file->number(), &status) != 0) return io_failed(os::io_failure("inspect", path).error);
  if (S_ISREG(status.st_mode)) {
    if (const auto checked = check_owner_and_mode(status, path); !checked) {
      return base::Unexpected{checked.error()};
    }
  } else if (pipes == Pipes::kRefused) {
    return unsafe(path, "is not a regular file.");
  }
  return read_descriptor(file->number(), size_max, path);
}

}  // namespace

base::Unexpected<Failure> io_failed(const os::IoError& error) {
  return fail(ExitCode::kError, "io_error", error.sentence());
}

Result<crypto::SecretBytes> read_descriptor(int descriptor, std::size_t size_max,
                                            const std::string& name) {
  crypto::SecretBytes buffer{size_max + 1};
  const auto room = buffer.mutable_view();
  std::size_t size = 0;
  while (size < room.size()) {
    const auto count = ::read(descriptor, room.data() + size, room.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_failed(os::io_failure("read", name).error);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > size_max) {
    return fail(ExitCode::kUsage, "input_too_long",
                name + " holds more than " + std::to_string(size_max) + " bytes.");
  }
  base::Bytes content(buffer.view().begin(), buffer.view().begin() + static_cast<long>(size));
  return crypto::SecretBytes{std::move(content)};
}

Result<crypto::SecretBytes> read_private_file(const std::string& path, std::size_t size_max) {
  return read_checked(path, size_max, Pipes::kRefused);
}

Result<crypto::SecretBytes> read_secret_input(const std::string& path, std::size_t size_max) {
  return read_checked(path, size_max, Pipes::kAllowed);
}

}  // namespace peerpay::wallet::cli
