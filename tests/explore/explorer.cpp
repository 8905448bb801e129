#include "tests/explore/explorer.h"

#include <algorithm>

#include "base/check.h"
#include "tests/explore/fair_network.h"
#include "tests/sim/mix.h"

namespace peerpay::explore {

namespace {

// One state of so many is asked whether it gets anywhere from there.
constexpr std::uint64_t kLiveOneOf = 4'096;
// Of a dive: steps of the walk, at most, and new states below it.
constexpr std::uint64_t kWalkMax = 60;
constexpr std::uint64_t kDiveStates = 2'000;
// Dives without a new state, one after the other, after which hardly any is left.
constexpr std::uint32_t kDivesInVainMax = 1'000;
constexpr std::uint64_t kLocalMask = kLocalStatesMax - 1;

LocalState local_of(std::uint64_t state, std::uint32_t validator) {
  return static_cast<LocalState>(state >> (validator * kLocalStateBits) & kLocalMask);
}

std::uint64_t with_local(std::uint64_t state, std::uint32_t validator, LocalState local) {
  const std::uint32_t shift = validator * kLocalStateBits;
  return (state & ~(kLocalMask << shift)) | std::uint64_t{local} << shift;
}

using Locals = std::array<LocalStates, kHonest>;

Surroundings surroundings_in(std::uint64_t state, const Locals& locals, const World& world) {
  Surroundings out;
  std::uint32_t crashed = 0;
  for (std::uint32_t i = 0; i < kHonest; ++i) {
    out.sent[i] = locals[i].testimony(local_of(state, i)).sent;
    crashed += locals[i].crashed(local_of(state, i)) ? 1 : 0;
  }
  out.may_crash = crashed < world.crashes;
  return out;
}

std::array<Testimony, kHonest> testimonies(std::uint64_t state, const Locals& locals) {
  std::array<Testimony, kHonest> out;
  for (std::uint32_t i = 0; i < kHonest; ++i) out[i] = locals[i].testimony(local_of(state, i));
  return out;
}

Locals all_locals(const World& world) {
  return {LocalStates{world, 0}, LocalStates{world, 1}, LocalStates{world, 2}};
}

}  // namespace

Explorer::Explorer(const World& world, std::uint64_t seed, StateSet& met)
    : world_{world},
      locals_{all_locals(world_)},
      met_{met},
      order_{sim::mix(seed)},
      random_{seed} {}

std::uint64_t Explorer::draw(std::uint64_t bound) { return sim::mix(random_++) % bound; }

GlobalStep Explorer::last_taken(const Frame& frame, Move& move) const {
  std::uint32_t at = (frame.first + frame.taken - 1) % frame.total;
  for (std::uint32_t i = 0; i < kHonest; ++i) {
    const std::vector<Move>& moves = *frame.moves[i];
    if (at < moves.size()) {
      move = moves[at];
      return {i, move.step};
    }
    at -= static_cast<std::uint32_t>(moves.size());
  }
  PEERPAY_UNREACHABLE("a step of one of them was taken");
}

void Explorer::check(State state) {
  const auto all = testimonies(state, locals_);
  check_agreement(all, world_, verdict_);
  if (met_.insert(fingerprint(state))) count(state);
  if (seen_.size() % kLiveOneOf == 1) check_liveness(state);
}

// What is cut off for StateSet can only make the count too small.
std::uint64_t Explorer::fingerprint(State state) const {
  std::uint64_t out = 0;
  for (std::uint32_t i = 0; i < kHonest; ++i)
    out = sim::mix(out ^ locals_[i].fingerprint(local_of(state, i)));
  return out >> 1;
}

void Explorer::count(State state) {
  const auto all = testimonies(state, locals_);
  ++totals_.distinct;
  Subjects finalizations = 0;
  for (std::uint64_t view = 1; view <= world_.views; ++view)
    finalizations |= subjects_of(consensus::VoteKind::kFinalize, view);
  const Subjects held = certifiable(all[0].sent, all[1].sent, all[2].sent);
  totals_.crashed_states += locals_[0].crashed(local_of(state, 0)) ||
                            locals_[1].crashed(local_of(state, 1)) ||
                            locals_[2].crashed(local_of(state, 2));
  totals_.final_states += (held & finalizations) != 0 ? 1 : 0;
}

void Explorer::check_liveness(State state) {
  ++totals_.live_checked;
  std::array<std::unique_ptr<Process>, kHonest> processes;
  for (std::uint32_t i = 0; i < kHonest; ++i) processes[i] = locals_[i].process(local_of(state, i));
  run_fairly(world_, processes, verdict_);
}

void Explorer::enter(State state) {
  Frame frame;
  frame.state = state;
  const Surroundings surroundings = surroundings_in(state, locals_, world_);
  for (std::uint32_t i = 0; i < kHonest && !verdict_.failure(); ++i) {
    frame.moves[i] = &locals_[i].moves(local_of(state, i), surroundings, verdict_);
    if (verdict_.failure()) failing_ = GlobalStep{i, frame.moves[i]->back().step};
    frame.total += static_cast<std::uint32_t>(frame.moves[i]->size());
  }
  if (verdict_.failure()) return;
  // Not always the same validator's steps first, and others with every seed.
  if (frame.total > 0)
    frame.first = static_cast<std::uint32_t>(sim::mix(state ^ order_) % frame.total);
  frames_.push_back(frame);
  totals_.depth_max = std::max<std::uint64_t>(totals_.depth_max, frames_.size() - 1);
}

bool Explorer::is_full() const {
  return std::any_of(locals_.begin(), locals_.end(), [](const LocalStates& local) {
    return local.size() + kLocalStatesSpare > kLocalStatesMax;
  });
}

void Explorer::search(std::size_t kept, std::uint64_t states_max) {
  while (frames_.size() > kept && !verdict_.failure() && seen_.size() < states_max && !is_full()) {
    Frame& frame = frames_.back();
    if (frame.taken == frame.total) {
      frames_.pop_back();
      continue;
    }
    ++frame.taken;
    ++totals_.transitions;
    Move move;
    const std::uint32_t validator = last_taken(frame, move).validator;
    const State next = with_local(frame.state, validator, move.next);
    if (!seen_.insert(next)) continue;
    check(next);
    if (verdict_.failure()) return;
    enter(next);
    if (!verdict_.failure()) totals_.ends += frames_.back().total == 0 ? 1 : 0;
  }
}

bool Explorer::Aversion::avoids(const GlobalStep& step) const {
  if (step.step.kind == StepKind::kTimeout && (timeouts >> step.validator & 1) != 0) return true;
  return crashes && (step.step.crash_before > 0 || step.step.kind == StepKind::kRestart);
}

Explorer::State Explorer::wander(Frame& frame, const Aversion& aversion) {
  constexpr std::uint32_t kTries = 8;
  for (std::uint32_t i = 0; i < kTries && frame.total > 0; ++i) {
    frame.first = static_cast<std::uint32_t>(draw(frame.total));
    frame.taken = 1;
    Move move;
    const GlobalStep step = last_taken(frame, move);
    if (aversion.avoids(step)) continue;
    ++totals_.transitions;
    return with_local(frame.state, step.validator, move.next);
  }
  frame.taken = 0;
  return frame.state;
}

void Explorer::dive(std::uint64_t states_max) {
  frames_.clear();
  const Aversion aversion{draw(1U << kHonest), draw(2) == 0};
  State state = 0;
  for (std::uint64_t left = draw(kWalkMax); left > 0 && seen_.size() < states_max; --left) {
    enter(state);
    if (verdict_.failure()) return;
    const State next = wander(frames_.back(), aversion);
    if (next == state) {
      frames_.pop_back();
      break;
    }
    state = next;
    if (seen_.insert(state)) check(state);
    if (verdict_.failure()) return;
  }
  const std::size_t kept = frames_.size();
  enter(state);
  if (!verdict_.failure()) search(kept, std::min(states_max, seen_.size() + kDiveStates));
}

void Explorer::run(std::uint64_t states_max) {
  seen_.insert(0);
  check(0);
  enter(0);
  search(0, std::max<std::uint64_t>(1, states_max / 4));
  totals_.exhausted = frames_.empty() && !verdict_.failure();
  if (!totals_.exhausted) dive_until(states_max);
}

// Dives don't tell whether they have met all states, and must end when they have.
void Explorer::dive_until(std::uint64_t states_max) {
  std::uint32_t in_vain = 0;
  while (!verdict_.failure() && seen_.size() < states_max && !is_full() &&
         in_vain < kDivesInVainMax) {
    const std::uint64_t before = seen_.size();
    dive(states_max);
    in_vain = seen_.size() == before ? in_vain + 1 : 0;
  }
}

Totals Explorer::totals() const {
  Totals out = totals_;
  out.states = seen_.size();
  for (const LocalStates& local : locals_) {
    out.local_states += local.size();
    out.engine_steps += local.engine_steps();
  }
  return out;
}

Path Explorer::path() const {
  Path out;
  for (const Frame& frame : frames_) {
    if (frame.taken == 0) continue;
    Move ignored;
    out.push_back(last_taken(frame, ignored));
  }
  if (failing_) out.push_back(*failing_);
  return out;
}

Replay replay(const World& world, const Path& path) {
  Locals locals = all_locals(world);
  std::uint64_t state = 0;
  sim::Verdict verdict;
  std::size_t steps = 0;
  for (const GlobalStep& step : path) {
    const Surroundings surroundings = surroundings_in(state, locals, world);
    LocalStates& local = locals[step.validator];
    const auto next =
        local.follow(local_of(state, step.validator), surroundings, step.step, verdict);
    if (verdict.failure()) return {true, verdict.failure(), steps};
    if (!next) return {false, std::nullopt, steps};
    ++steps;
    state = with_local(state, step.validator, *next);
    check_agreement(testimonies(state, locals), world, verdict);
    if (verdict.failure()) return {true, verdict.failure(), steps};
  }
  std::array<std::unique_ptr<Process>, kHonest> processes;
  for (std::uint32_t i = 0; i < kHonest; ++i) processes[i] = locals[i].process(local_of(state, i));
  run_fairly(world, processes, verdict);
  return {true, verdict.failure(), steps};
}

Path shortened(const World& world, Path path) {
  const auto fails = [&](const Path& candidate) {
    const Replay out = replay(world, candidate);
    return out.possible && out.failure;
  };
  for (std::size_t before = path.size() + 1; path.size() < before;) {
    before = path.size();
    for (std::size_t i = path.size(); i-- > 0;) {
      Path candidate = path;
      candidate.erase(candidate.begin() + static_cast<std::ptrdiff_t>(i));
      if (fails(candidate)) path = std::move(candidate);
    }
  }
  return path;
}

}  // namespace peerpay::explore
