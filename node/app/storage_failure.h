#pragma once

#include "node/app/exit_code.h"
#include "node/storage/error.h"

namespace peerpay::app {

// How the process ends when its storage fails so.
[[nodiscard]] Failure failure_of(const storage::StorageError& error);

}  // namespace peerpay::app
