#pragma once
// What a process that holds secret keys asks of the kernel about itself.

#include "base/os/io_error.h"

namespace peerpay::os {

// No core file, and no other process of the same user may attach or read this one's memory: a crash
// or a debugger must not spill keys. Call it first in main(), before a key is in memory.
[[nodiscard]] IoExpected<void> forbid_memory_dumps();

}  // namespace peerpay::os
