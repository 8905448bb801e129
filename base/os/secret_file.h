#pragma once
// Files that hold a secret: read only when nobody else can have read or written them. Callable from
// any thread.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/expected.h"
#include "base/os/io_error.h"

namespace peerpay::os {

enum class SecretFileFault : std::uint8_t {
  kUnreadable,     // the system refused; see `io`
  kNotAPlainFile,  // a symbolic link, directory, pipe or device
  kForeignOwner,   // not the user of this process
  kOpenToOthers,   // its group or everyone has rights on it
};

struct SecretFileError {
  SecretFileFault fault;
  IoError io;       // names the file always
  mode_t mode = 0;  // of the file, when kOpenToOthers

  // For a person, with the command that mends it.
  [[nodiscard]] std::string sentence() const;
};

// The whole content, at most `size_max` bytes (EFBIG above). What is read lies in one allocation
// that nothing is ever copied from, so a caller that wipes the result has wiped all; after a
// failure it is wiped here.
[[nodiscard]] base::Expected<base::Bytes, SecretFileError> read_secret_file(const std::string& path,
                                                                            std::size_t size_max);

}  // namespace peerpay::os
