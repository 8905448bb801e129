#pragma once
// Profiler: samples of what processes do, taken by perf(1) while it lives.

#include <sys/types.h>

#include <string>
#include <vector>

#include "bench/child_process.h"
#include "bench/failure.h"
#include "bench/interruption.h"
#include "bench/stages.h"

namespace peerpay::bench {

class Profiler {
 public:
  // Validators let only root read them. `directory` takes perf's files. REQUIRES: called from the
  // main thread (child_process.h).
  [[nodiscard]] static Result<Profiler> start(const std::vector<pid_t>& processes,
                                              const std::string& directory);
  [[nodiscard]] Result<StageSamples> finish(Interruption& interruption);

 private:
  Profiler(std::string directory, ChildProcess recorder);
  std::string directory_;
  ChildProcess recorder_;
};

}  // namespace peerpay::bench
