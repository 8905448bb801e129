#include "base/os/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace peerpay::os {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this == &other) return *this;
  if (is_open()) ::close(number_);
  number_ = std::exchange(other.number_, kNone);
  return *this;
}

// close() reports nothing that a caller could act on: what must be durable was synced before.
Descriptor::~Descriptor() {
  if (is_open()) ::close(number_);
}

IoExpected<Descriptor> open_descriptor(const std::string& path, int flags, unsigned mode) {
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  if (number < 0) return io_failure("open", path);
  return Descriptor{number};
}

IoExpected<void> write_all(const Descriptor& file, base::ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_failure("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace peerpay::os
