#include "bench/process_usage.h"

#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "base/check.h"

namespace peerpay::bench {
namespace {

std::optional<base::Duration> read_cpu_clock(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) return std::nullopt;
  return base::Duration{time.tv_sec * 1'000'000 + time.tv_nsec / 1'000};
}

}  // namespace

std::optional<base::Duration> cpu_time_of(pid_t process) {
  clockid_t clock{};
  if (::clock_getcpuclockid(process, &clock) != 0) return std::nullopt;
  return read_cpu_clock(clock);
}

ThreadTimes thread_times_of(pid_t process) {
  ThreadTimes out;
  std::error_code ended;
  const std::filesystem::directory_iterator tasks{"/proc/" + std::to_string(process) + "/task",
                                                  ended};
  if (ended) return out;
  for (const auto& task : tasks) {
    std::ifstream name_file{task.path() / "comm"};
    std::ifstream time_file{task.path() / "schedstat"};  // first: nanoseconds on a CPU
    std::string name;
    std::int64_t nanoseconds = 0;
    if (!std::getline(name_file, name) || !(time_file >> nanoseconds)) continue;  // it has ended
    auto& time = out[name];
    time = time + base::microseconds(nanoseconds / 1'000);
  }
  return out;
}

base::Duration cpu_time_of_thread() {
  const auto time = read_cpu_clock(CLOCK_THREAD_CPUTIME_ID);
  PEERPAY_CHECK(time.has_value(), "a thread can always read its own clock");
  return *time;
}

MachineTime machine_time() {
  // proc(5), /proc/stat: user nice system idle iowait irq softirq, in clock ticks
  std::ifstream file{"/proc/stat"};
  std::string label;
  std::int64_t user = 0, nice = 0, system = 0, idle = 0, disk = 0, interrupts = 0, deferred = 0;
  file >> label >> user >> nice >> system >> idle >> disk >> interrupts >> deferred;
  PEERPAY_CHECK(file && label == "cpu", "Linux always has the line of all cores");
  const auto tick = base::microseconds(1'000'000 / ::sysconf(_SC_CLK_TCK));
  return {.busy = tick * (user + nice + system + interrupts + deferred),
          .idle = tick * (idle + disk)};
}

std::optional<std::uint64_t> resident_bytes_of(pid_t process) {
  // proc(5), /proc/[pid]/statm: total and resident size, in pages
  std::ifstream file{"/proc/" + std::to_string(process) + "/statm"};
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (!(file >> total >> resident)) return std::nullopt;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::optional<std::uint64_t> peak_resident_bytes_of(pid_t process) {
  // proc(5), /proc/[pid]/status: "VmHWM:   1234 kB"
  std::ifstream file{"/proc/" + std::to_string(process) + "/status"};
  for (std::string word; file >> word;) {
    std::uint64_t kibibytes = 0;
    if (word == "VmHWM:" && file >> kibibytes) return kibibytes * 1024;
  }
  return std::nullopt;
}

bool forget_peak_of(pid_t process) {
  // proc(5), /proc/[pid]/clear_refs: 5 resets VmHWM
  std::ofstream file{"/proc/" + std::to_string(process) + "/clear_refs"};
  return static_cast<bool>(file << 5 << std::flush);
}

}  // namespace peerpay::bench
