#include "base/os/entropy.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

namespace peerpay::os {

IoExpected<void> fill_with_entropy(std::span<std::uint8_t> out) {
  for (std::size_t filled = 0; filled < out.size();) {
    const auto count = ::getrandom(out.data() + filled, out.size() - filled, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      std::fill(out.begin(), out.end(), std::uint8_t{0});
      return io_failure("read the kernel's random numbers");
    }
    filled += static_cast<std::size_t>(count);
  }
  return {};
}

}  // namespace peerpay::os
