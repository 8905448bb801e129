#pragma once
// IoError: why the operating system refused. The environment's fault, never a peer's and never
// ours, so it travels as Expected<T, IoError> and never as an exception.

#include <string>
#include <string_view>

#include "base/expected.h"

namespace peerpay::os {

// Not an errno: what is there is a directory, pipe or device, and only a plain file will do.
inline constexpr int kNoPlainFile = -1;

struct IoError {
  std::string path;            // what was touched; empty when the failure concerns no file
  std::string_view operation;  // a verb of static storage, for example "open"
  int errno_value;             // errno as the call left it, or kNoPlainFile

  // One sentence for a person, for example "Cannot open /var/lib/x: Permission denied."
  [[nodiscard]] std::string sentence() const;
};

template <class T>
using IoExpected = base::Expected<T, IoError>;

// Takes errno as the failed call left it: call it before anything else may change errno.
[[nodiscard]] base::Unexpected<IoError> io_failure(std::string_view operation,
                                                   const std::string& path = {});

}  // namespace peerpay::os
