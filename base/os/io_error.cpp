#include "base/os/io_error.h"

#include <cerrno>
#include <system_error>

namespace peerpay::os {

std::string IoError::sentence() const {
  std::string out = "Cannot ";
  out += operation;
  if (!path.empty()) out += " " + path;
  if (errno_value == kNoPlainFile) return out + ": It is not a plain file.";
  return out + ": " + std::generic_category().message(errno_value) + ".";
}

base::Unexpected<IoError> io_failure(std::string_view operation, const std::string& path) {
  const int cause = errno;
  return base::Unexpected{IoError{path, operation, cause}};
}

}  // namespace peerpay::os
