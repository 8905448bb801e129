#pragma once
// peerpay-sim --twins: many scenarios, one after the other.

#include <cstdint>
#include <string>

#include "tests/sim/twins.h"

namespace peerpay::sim {

struct TwinsCommand {
  TwinsShape shape;
  std::uint64_t seed = 1;
  std::uint64_t scenarios = 0;  // drawn; ignored with `all`
  bool all = false;             // every canonical one
  bool json = false;
};

struct TwinsTotals {
  std::uint64_t scenarios = 0;
  std::uint64_t distinct = 0;
  std::uint64_t with_evidence = 0;
  std::uint64_t with_nullified = 0;
  std::uint64_t steps = 0;
  int exit_code = 0;    // of the first failure, after which nothing ran
  std::string failure;  // with the scenario and how to run it again
};
[[nodiscard]] TwinsTotals run_twins(const TwinsCommand& command);
// One line, text or JSON, with how many a second there were.
[[nodiscard]] std::string report(const TwinsCommand& command, const TwinsTotals& totals,
                                 std::uint64_t cpu_ms);

}  // namespace peerpay::sim
