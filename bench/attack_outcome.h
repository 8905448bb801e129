#pragma once
// What one attack did to payments and memory, beside the calm time before it, and whether that is
// within the goals (docs/TESTING.md, "Attacks"). Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "bench/attack.h"
#include "bench/latency.h"
#include "bench/load.h"
#include "bench/report.h"

namespace peerpay::bench {

// Resident bytes.
struct Memory {
  std::uint64_t attacked = 0;
  std::vector<std::uint64_t> others;  // each other validator
};

// One stretch of time, calm or not.
struct Phase {
  Window window;
  Memory memory_peak;
  base::Duration attacked_cpu;
  base::Duration slowest_write;  // of a few synced bytes of our own, on the validators' file system
};

struct Outcome {
  Phase calm;
  Phase attacked;
  AttackCounts counts;
  base::Duration attacker_cpu;
  LoadResult load;
  std::uint64_t newcomers = 0;
  std::uint64_t newcomers_served = 0;

  // Of the payments that were due in the phase.
  [[nodiscard]] Latencies latencies(const Phase& phase) const;
  // The p99 under attack as a multiple of the calm one.
  [[nodiscard]] double slowdown() const;
  [[nodiscard]] bool is_in_time() const;  // it at most doubled
  [[nodiscard]] bool disk_stalled() const;
  [[nodiscard]] std::uint64_t attacked_growth() const;  // bytes
  [[nodiscard]] std::uint64_t others_growth() const;    // bytes, of who grew most
  [[nodiscard]] std::uint64_t not_final() const;
  // The first goal, of those that every run has to meet, that was missed; empty when none was.
  // REQUIRES: there are counts.
  [[nodiscard]] std::string missed() const;
};

struct Judged {
  Outcome outcome;         // of the run with the median slowdown; of an even number, the upper
  std::string missed;      // that goal of the p99; empty when it was met
  std::uint64_t runs = 0;  // whose p99 counts
  std::uint64_t runs_in_time = 0;  // of them, in which it at most doubled
  std::uint64_t runs_stalled = 0;  // in which the disk stalled
};
// Runs in which the disk stalled, calm or attacked, tell of the disk. They count when there are not
// `runs_wanted` others. REQUIRES: at least one outcome.
[[nodiscard]] Judged judge(std::vector<Outcome> outcomes, std::uint32_t runs_wanted);

[[nodiscard]] std::string text_of(const Outcome& outcome);
[[nodiscard]] Report::Figures figures_of(const Outcome& outcome);

}  // namespace peerpay::bench
