#pragma once
// peerpay-sim --twins: many scenarios, one after the other, and how fast they went.

#include <cstdint>

#include "tests/sim/twins.h"

namespace peerpay::sim {

struct TwinsCommand {
  TwinsShape shape;
  std::uint64_t seed = 1;
  std::uint64_t scenarios = 0;  // drawn; ignored with `all`
  bool all = false;             // every canonical one
  bool json = false;
};
// Runs them and prints; the exit code of the first failure, or 0.
[[nodiscard]] int run_twins_command(const TwinsCommand& command);

}  // namespace peerpay::sim
