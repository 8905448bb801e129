#pragma once
// Does a state get anywhere? Everything under way is lost, the Byzantine validator falls silent,
// and from then on every message of the three honest ones arrives and every timer runs out in
// order.

#include <array>
#include <memory>

#include "tests/explore/process.h"
#include "tests/sim/verdict.h"

namespace peerpay::explore {

// Each of them must finalize a view above all that they are in; else it is a liveness failure.
// Works on copies.
void run_fairly(const World& world, const std::array<std::unique_ptr<Process>, kHonest>& processes,
                sim::Verdict& verdict);

}  // namespace peerpay::explore
