#include "base/os/process.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

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

void lower_this_threads_priority() {
  // On Linux a nice value is a thread's own (setpriority(2)); 10 steps are a tenth (sched(7)).
  constexpr int kNice = 10;
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
}

void name_this_thread(const char* name) { (void)::pthread_setname_np(::pthread_self(), name); }

}  // namespace peerpay::os
