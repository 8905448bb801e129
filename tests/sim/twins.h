#pragma once
// Twins (Bano and others, "Twins: BFT Systems Made Robust", OPODIS 2021, arXiv 2004.10617): one
// validator runs twice with one key and unmodified code. A scenario says, for each of the first
// views, who talks with which half; so equivocation, double votes and amnesia come for free. After
// that prefix everybody talks with both halves, and each honest node must finalize ten blocks more.
//
// The world is small on purpose: consensus::Engine objects and a queue, no ledger, disk, client or
// signature. Thousands of scenarios fit a minute.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "tests/sim/verdict.h"

namespace peerpay::sim {

// Which halves a validator talks with in a view.
enum class Talks : std::uint8_t { kWithNone = 0, kWithFirst = 1, kWithSecond = 2, kWithBoth = 3 };

// The leader of view v is validator (turn + v) mod n, as the protocol has it; so `turn` decides
// where in the rotation the twin, the last validator, is.
struct TwinsScenario {
  std::uint32_t validators = 4;
  std::uint32_t views = 3;  // of the prefix
  std::uint32_t turn = 0;
  bool slow_links = false;  // 500 ms and up to 500 more, instead of 10 ms
  // By validator but the twin, then by view from 1 on.
  std::vector<std::vector<Talks>> talks;
  friend auto operator<=>(const TwinsScenario&, const TwinsScenario&) = default;

  [[nodiscard]] Talks at(std::uint32_t validator, std::uint64_t view) const;
};
// 4 views of "n0:AB-2": A and B one half, 2 both, - none.
[[nodiscard]] std::string describe(const TwinsScenario& scenario);

struct TwinsShape {
  std::uint32_t validators = 4;
  std::uint32_t views = 3;
};
// Uniform among the labelled scenarios.
[[nodiscard]] TwinsScenario draw_twins(const TwinsShape& shape, base::Rng& rng);
// The same for all scenarios that differ only in the names of validators that lead in none of the
// prefix's views, or in which half is called the first.
[[nodiscard]] TwinsScenario canonical(TwinsScenario scenario);
// How many canonical scenarios there are, as a decimal number.
[[nodiscard]] std::string count_canonical(const TwinsShape& shape);
// All canonical scenarios, for small shapes. REQUIRES: at most 2^24 labelled ones for each turn.
[[nodiscard]] std::vector<TwinsScenario> all_canonical(const TwinsShape& shape);

struct TwinsReport {
  std::optional<Failure> failure;
  std::uint64_t steps = 0;
  std::uint64_t evidence = 0;   // against the twin
  std::uint64_t nullified = 0;  // views, at the node that gave up most
};
[[nodiscard]] TwinsReport run_twins(const TwinsScenario& scenario, base::Rng rng);

}  // namespace peerpay::sim
