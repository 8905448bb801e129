#include "base/os/process.h"

#include <malloc.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace peerpay::os {

IoExpected<void> forbid_memory_dumps() {
  const rlimit none = {0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return io_failure("forbid core files");
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return io_failure("forbid memory dumps");
  return {};
}

IoExpected<std::uint64_t> raise_descriptor_limit() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return io_failure("read the descriptor limit");
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return io_failure("raise the descriptor limit");
  return std::uint64_t{limit.rlim_max};
}

void return_freed_memory(std::size_t bytes_kept_max) {
  if (::mallinfo2().fordblks <= bytes_kept_max) return;
  constexpr std::size_t kTopPadding = 1024 * 1024;
  (void)::malloc_trim(kTopPadding);
}

void name_this_thread(const char* name) { (void)::pthread_setname_np(::pthread_self(), name); }

}  // namespace peerpay::os
