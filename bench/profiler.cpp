#include "bench/profiler.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <numeric>
#include <utility>

#include "bench/progress.h"

namespace peerpay::bench {
namespace {

constexpr const char* kPerf = "/usr/bin/perf";
// Not a divisor of anything that a node does each second.
constexpr const char* kSamplesPerSecond = "199";
// A sample carries so much of the stack, from which the calls are read afterwards: our libraries
// keep no frame pointers.
constexpr const char* kCallGraph = "dwarf,8192";
constexpr base::Duration kWritePatience = base::seconds(20);
constexpr base::Duration kPollInterval = base::milliseconds(20);

std::string file_text(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

Profiler::Profiler(std::string directory, ChildProcess recorder)
    : directory_{std::move(directory)}, recorder_{std::move(recorder)} {}

Result<Profiler> Profiler::start(const std::vector<pid_t>& processes,
                                 const std::string& directory) {
  if (::access(kPerf, X_OK) != 0) {
    return fail(
        fmt::format("{} is not there: --profile needs it (apt-get install linux-perf).", kPerf));
  }
  auto recorder =
      ChildProcess::spawn({kPerf, "record", "-q", "-e", "cpu-clock", "-F", kSamplesPerSecond,
                           "--call-graph", kCallGraph, "-o", directory + "/perf.data", "-p",
                           fmt::format("{}", fmt::join(processes, ","))},
                          directory + "/perf.log");
  if (!recorder) return base::Unexpected{recorder.error()};
  return Profiler{directory, std::move(*recorder)};
}

Result<StageSamples> Profiler::finish(Interruption& interruption) {
  const bool ended_early = recorder_.ended().has_value();
  recorder_.terminate(kWritePatience);
  const auto failed = [&] {
    return fail(fmt::format("perf gave no samples; root may take them. Its last words:\n{}",
                            file_text(directory_ + "/perf.log")));
  };
  if (ended_early) return failed();
  const auto path = directory_ + "/perf.txt";
  auto script = ChildProcess::spawn(
      {kPerf, "script", "-i", directory_ + "/perf.data", "--no-inline", "-F", "comm,ip,sym"}, path);
  if (!script) return base::Unexpected{script.error()};
  progress("telling the samples' stages apart");
  while (!script->ended()) {
    if (!interruption.sleep_for(kPollInterval)) return fail("Interrupted.");
  }
  std::ifstream text{path};
  const auto samples = fold_samples(text);
  if (std::accumulate(samples.begin(), samples.end(), std::uint64_t{0}) == 0) return failed();
  return samples;
}

}  // namespace peerpay::bench
