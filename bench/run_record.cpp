#include "bench/run_record.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <fstream>
#include <utility>

#include "base/os/clock.h"

namespace peerpay::bench {

RunOrigin read_origin(std::string command) {
  const char* commit = ::getenv("PEERPAY_COMMIT");
  return {.command = std::move(command),
          .commit = commit == nullptr || *commit == '\0' ? "unknown" : commit,
          .at = os::read_clock().wall,
          .machine = read_machine()};
}

Report with_origin(const RunOrigin& origin, const Report& figures) {
  Report out;
  out.add("command", origin.command);
  out.add("commit", origin.commit);
  out.add("at_unix_ms", origin.at.value);
  out.add("machine", Report::Figures{{"cpu", origin.machine.cpu},
                                     {"cores", std::uint64_t{origin.machine.cores}},
                                     {"memory_bytes", origin.machine.memory_bytes},
                                     {"kernel", origin.machine.kernel}});
  out.append(figures);
  return out;
}

Result<void> append_record(const std::string& path, const Report& record) {
  std::ofstream file{path, std::ios::app};
  file << record.to_json() << std::flush;
  if (!file) return fail(fmt::format("{} can't be written.", path));
  return {};
}

}  // namespace peerpay::bench
