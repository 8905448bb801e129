#include "base/os/process.h"

#include <malloc.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

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

namespace {

// Private pages that are in memory; 0 when that can't be told.
std::size_t private_bytes() {
  std::ifstream statm{"/proc/self/statm"};  // in pages
  std::size_t total = 0;
  std::size_t resident = 0;
  std::size_t shared = 0;
  if (!(statm >> total >> resident >> shared) || resident < shared) return 0;
  return (resident - shared) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// The library counts as free also what it has given back and not used since.
std::size_t freed_bytes_in_memory() {
  const auto heap = ::mallinfo2();
  const auto in_use = heap.uordblks + heap.hblkhd;
  const auto in_memory = private_bytes();
  return std::min(heap.fordblks, in_memory > in_use ? in_memory - in_use : 0);
}

}  // namespace

bool return_freed_memory(std::size_t bytes_kept_max) {
  if (freed_bytes_in_memory() <= bytes_kept_max) return false;
  constexpr std::size_t kTopPadding = 1024 * 1024;
  (void)::malloc_trim(kTopPadding);
  return true;
}

void lower_this_threads_priority() {
  // On Linux a nice value is a thread's own (setpriority(2)); 10 steps are a tenth (sched(7)).
  constexpr int kNice = 10;
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
}

void name_this_thread(const char* name) { (void)::pthread_setname_np(::pthread_self(), name); }

}  // namespace peerpay::os
