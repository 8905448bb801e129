#pragma once
// What a process asks of the kernel about itself.

#include <cstdint>

#include "base/os/io_error.h"

namespace peerpay::os {

// No core file, and no other process of the same user may attach or read this one's memory: a crash
// or a debugger must not spill keys. Call it first in main(), before a key is in memory.
[[nodiscard]] IoExpected<void> forbid_memory_dumps();

// Lets the process open as many files and connections as the system allows it, and returns how many
// that is.
[[nodiscard]] IoExpected<std::uint64_t> raise_descriptor_limit();

// What the calling thread is called in a debugger and in top. At most 15 characters; longer names
// are left out.
void name_this_thread(const char* name);

// While others want the processors, the calling thread gets a tenth of what one of them gets. Left
// as it is where the system does not allow it.
void lower_this_threads_priority();

}  // namespace peerpay::os
