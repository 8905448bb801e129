#pragma once
// The `peerpay` program without its main: what was typed goes in, an exit code comes out.

#include <string>
#include <vector>

#include "wallet/cli/failure.h"
#include "wallet/cli/settings.h"

namespace peerpay::wallet::cli {

// REQUIRES: no other thread runs yet. `arguments` without the program's name.
[[nodiscard]] ExitCode run_program(std::vector<std::string> arguments,
                                   const Environment& environment);

}  // namespace peerpay::wallet::cli
