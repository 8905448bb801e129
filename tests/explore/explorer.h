#pragma once
// Explorer: walks through every state that a world can get into, depth first, each once, as far as
// it is told to go and in an order that the seed decides. When a quarter of that was not enough for
// all, it goes on with dives: a random walk from the start, and depth first from there, so that a
// bounded search sees every region. A state is one local state for each honest validator: what is
// under way is what they have sent, and what the Byzantine one can say is always everything.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/explore/local_states.h"
#include "tests/explore/state_set.h"
#include "tests/sim/verdict.h"

namespace peerpay::explore {

struct GlobalStep {
  std::uint32_t validator = 0;
  Step step;
};
using Path = std::vector<GlobalStep>;

struct Totals {
  std::uint64_t states = 0;    // that this world was met in
  std::uint64_t distinct = 0;  // of these, such that no world before was met in
  std::uint64_t transitions = 0;
  std::uint64_t depth_max = 0;
  std::uint64_t final_states = 0;    // of the distinct ones: a finalization can exist
  std::uint64_t crashed_states = 0;  // of the distinct ones: somebody has crashed
  std::uint64_t ends = 0;            // in which nothing new can happen
  std::uint64_t live_checked = 0;
  std::uint64_t local_states = 0;
  std::uint64_t engine_steps = 0;
  bool exhausted = false;  // there are no other states
};

class Explorer {
 public:
  // `met`: fingerprints of the states that worlds before were met in; those of this one are added.
  Explorer(const World& world, std::uint64_t seed, StateSet& met);
  Explorer(const Explorer&) = delete;
  Explorer& operator=(const Explorer&) = delete;

  // Once: until so many states were met, all were, or one failed.
  void run(std::uint64_t states_max);
  [[nodiscard]] Totals totals() const;
  [[nodiscard]] const std::optional<sim::Failure>& failure() const { return verdict_.failure(); }
  // The steps to where it is; after a failure: to that.
  [[nodiscard]] Path path() const;

 private:
  using State = std::uint64_t;
  struct Frame {
    State state = 0;
    std::array<const std::vector<Move>*, kHonest> moves{};
    std::uint32_t total = 0;
    std::uint32_t first = 0;  // where in the list to begin
    std::uint32_t taken = 0;
  };
  [[nodiscard]] GlobalStep last_taken(const Frame& frame, Move& move) const;
  // Steps that a walk keeps away from, so that it gets elsewhere than the others.
  struct Aversion {
    std::uint64_t timeouts = 0;  // bit i: of validator i
    bool crashes = false;
    [[nodiscard]] bool avoids(const GlobalStep& step) const;
  };
  [[nodiscard]] std::uint64_t draw(std::uint64_t bound);
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] std::uint64_t fingerprint(State state) const;
  // Puts the state's steps on top of the path.
  void enter(State state);
  void check(State state);
  void count(State state);
  void check_liveness(State state);
  // Depth first below the path's first `kept` frames, until so many states were met.
  void search(std::size_t kept, std::uint64_t states_max);
  // The next state of a walk; the same one when it ends there.
  [[nodiscard]] State wander(Frame& frame, const Aversion& aversion);
  void dive(std::uint64_t states_max);
  void dive_until(std::uint64_t states_max);

  const World world_;
  std::array<LocalStates, kHonest> locals_;
  StateSet seen_;
  StateSet& met_;
  std::vector<Frame> frames_;
  sim::Verdict verdict_;
  std::optional<GlobalStep> failing_;  // the step beyond the last frame
  Totals totals_;
  const std::uint64_t order_;
  std::uint64_t random_;
};

// Where a path leads, step by step, each time from the start: what fails, and whether every step
// was possible.
struct Replay {
  bool possible = true;
  std::optional<sim::Failure> failure;
  std::size_t steps = 0;  // that were taken
};
[[nodiscard]] Replay replay(const World& world, const Path& path);
// Without the steps that its failure does not need.
[[nodiscard]] Path shortened(const World& world, Path path);

}  // namespace peerpay::explore
