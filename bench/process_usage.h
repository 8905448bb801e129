#pragma once
// What processes cost, from the kernel's own accounting.

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/time.h"

namespace peerpay::bench {

// CPU time of all threads of the process, user and system, since it started. Empty when it has
// ended.
[[nodiscard]] std::optional<base::Duration> cpu_time_of(pid_t process);
// As that, for each name of threads: those of one name count together. Threads that have ended are
// missing, so the sum is at most cpu_time_of. Empty when the process has ended.
using ThreadTimes = std::map<std::string, base::Duration>;
[[nodiscard]] ThreadTimes thread_times_of(pid_t process);
// CPU time of the calling thread.
[[nodiscard]] base::Duration cpu_time_of_thread();
// Of all cores together since the machine started, in steps of 10 ms.
struct MachineTime {
  base::Duration busy;
  base::Duration idle;  // waiting for the disk included
};
[[nodiscard]] MachineTime machine_time();
// Resident set, shared pages included. Empty when the process has ended.
[[nodiscard]] std::optional<std::uint64_t> resident_bytes_of(pid_t process);
// The most that it was since forget_peak, or since its start, at whatever moment.
[[nodiscard]] std::optional<std::uint64_t> peak_resident_bytes_of(pid_t process);
// False when the process has ended, or the kernel refuses.
[[nodiscard]] bool forget_peak_of(pid_t process);

}  // namespace peerpay::bench
