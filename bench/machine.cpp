#include "bench/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace peerpay::bench {
namespace {

std::string cpu_model() {
  std::ifstream file{"/proc/cpuinfo"};
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

std::string kernel_release() {
  utsname names{};
  if (::uname(&names) != 0) return {};
  return std::string{names.sysname} + " " + names.release + " " + names.machine;
}

}  // namespace

Machine read_machine() {
  return {.cpu = cpu_model(),
          .cores = std::thread::hardware_concurrency(),
          .memory_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                          static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)),
          .kernel = kernel_release()};
}

}  // namespace peerpay::bench
