#pragma once
// Files that hold secrets, and the rules for reading them.

#include <string>

#include "base/os/io_error.h"
#include "crypto/keys.h"
#include "wallet/cli/failure.h"

namespace peerpay::wallet::cli {

// The content of a file that only its owner may read. Refuses (ExitCode::kLocked) a symbolic link,
// a file that group or others may touch, and one that belongs to another user.
[[nodiscard]] Result<crypto::SecretBytes> read_private_file(const std::string& path,
                                                            std::size_t size_max);
// As above, but pipes and the like are allowed, with any mode: they hold nothing when nobody reads.
[[nodiscard]] Result<crypto::SecretBytes> read_secret_input(const std::string& path,
                                                            std::size_t size_max);
// Reads to the end of an open descriptor, which stays open.
[[nodiscard]] Result<crypto::SecretBytes> read_descriptor(int descriptor, std::size_t size_max,
                                                          const std::string& name);

// The environment's refusals as failures of a command.
[[nodiscard]] base::Unexpected<Failure> io_failed(const os::IoError& error);

}  // namespace peerpay::wallet::cli
