#pragma once
// A run record: one line of JSON for each run, with all that is needed to judge it and to run it
// again. Fields: docs/performance/README.md, "Records".

#include <cstdint>
#include <string>

#include "base/time.h"
#include "bench/failure.h"
#include "bench/machine.h"
#include "bench/report.h"

namespace peerpay::bench {

// How a run came about.
struct RunOrigin {
  std::string command;  // the command line
  std::string commit;   // of the sources; "unknown" unless PEERPAY_COMMIT names it, as ./dev does
  base::UnixMillis at;
  Machine machine;
};
[[nodiscard]] RunOrigin read_origin(std::string command);

// The origin first, then the figures.
[[nodiscard]] Report with_origin(const RunOrigin& origin, const Report& figures);

// One line more in the file, which is made if it is not there.
[[nodiscard]] Result<void> append_record(const std::string& path, const Report& record);

}  // namespace peerpay::bench
