#pragma once
// peerpay-sim --twins: many scenarios, one after the other.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tests/sim/options.h"
#include "tests/sim/report.h"
#include "tests/sim/twins.h"
#include "tests/sim/verdict.h"

namespace peerpay::sim {

struct TwinsCommand {
  TwinsShape shape;
  std::uint64_t seed = 1;
  std::uint64_t scenarios = 0;  // drawn; ignored with `all`
  bool all = false;             // every canonical one
  bool json = false;
  Canary canary = Canary::kNone;  // or kAbort, which `announce` does; named in reruns
};

struct TwinsTotals {
  std::uint64_t scenarios = 0;
  std::uint64_t distinct = 0;
  std::uint64_t with_evidence = 0;
  std::uint64_t with_nullified = 0;
  std::uint64_t steps = 0;
  std::optional<Failure> failure;  // the first, after which nothing ran
};
// `announce` hears of each scenario before it runs; so of the one that fails last.
using Announce = std::function<void(const RunIdentity& run)>;
[[nodiscard]] TwinsTotals run_twins(const TwinsCommand& command, const Announce& announce);
// One line, text or JSON, with how many a second there were.
[[nodiscard]] std::string report(const TwinsCommand& command, const TwinsTotals& totals,
                                 std::uint64_t cpu_ms);

}  // namespace peerpay::sim
