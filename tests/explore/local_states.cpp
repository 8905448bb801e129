#include "tests/explore/local_states.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"
#include "tests/sim/mix.h"

namespace peerpay::explore {

namespace {

// A process is kept for states this many steps apart.
constexpr std::uint32_t kKeptEvery = 8;
// Records and votes of one step after which it may crash; digits of a step's name end here.
constexpr std::uint8_t kCrashPointsMax = 9;
static_assert(kLocalStateBits <= 32);

std::uint64_t step_key(LocalState from, const Step& step) {
  return std::uint64_t{from} << 32 | std::bit_cast<std::uint32_t>(step);
}

}  // namespace

std::size_t LocalStates::PlaceHash::operator()(const Place& place) const {
  std::uint64_t out = sim::mix(place.state * 2ULL + (place.surroundings.may_crash ? 1 : 0));
  for (const Subjects sent : place.surroundings.sent) out = sim::mix(out ^ sent);
  return out;
}

LocalStates::LocalStates(const World& world, std::uint32_t index) : world_{world}, index_{index} {
  (void)number(std::make_unique<Process>(world, index), 0, {});
}

LocalState LocalStates::number(std::unique_ptr<Process> process, LocalState from,
                               const Step& step) {
  const auto next = static_cast<LocalState>(entries_.size());
  const auto [found, is_new] = numbers_.emplace(process->key(Detail::kEverything), next);
  if (!is_new) return found->second;
  Entry entry;
  entry.testimony = process->testimony();
  entry.crashed = process->crashed();
  entry.fingerprint = sim::mix(0, base::as_bytes(found->first));
  entry.view = process->view();
  entry.kind = next;
  entry.from = from;
  entry.step = step;
  if (!world_.each_vote)
    entry.kind = kinds_.emplace(process->key(Detail::kEssence), next).first->second;
  if (next > 0) entry.depth = entries_[from].depth + 1;
  if (entry.depth % kKeptEvery == 0) entry.kept = std::move(process);
  entries_.push_back(std::move(entry));
  return next;
}

std::unique_ptr<Process> LocalStates::process(LocalState state) const {
  std::vector<Step> steps;
  while (!entries_[state].kept) {
    steps.push_back(entries_[state].step);
    state = entries_[state].from;
  }
  auto out = std::make_unique<Process>(*entries_[state].kept);
  for (; !steps.empty(); steps.pop_back()) {
    sim::Verdict seen_before;
    const bool taken = out->take(steps.back(), seen_before);
    PEERPAY_CHECK(taken, "what could be done once can be done again");
  }
  return out;
}

std::vector<Step> LocalStates::steps(LocalState from, const Surroundings& surroundings) const {
  return steps_at(world_, index_, entries_[from].view, surroundings);
}

std::optional<LocalState> LocalStates::take(LocalState from, const Step& step,
                                            std::unique_ptr<Process>& process,
                                            sim::Verdict& verdict) {
  constexpr LocalState kNone = kLocalStatesMax;
  const auto [found, is_new] = taken_.emplace(step_key(from, step), kNone);
  if (is_new) {
    if (!process) process = this->process(from);
    auto next = std::make_unique<Process>(*process);
    ++engine_steps_;
    if (next->take(step, verdict)) found->second = number(std::move(next), from, step);
  }
  if (found->second == kNone) return std::nullopt;
  return found->second;
}

// The first record is left out: to crash before it is not to have taken the step.
void LocalStates::add_crashes(LocalState from, const Step& step, std::unique_ptr<Process>& process,
                              std::vector<Move>& out, sim::Verdict& verdict) {
  Step crashing = step;
  for (crashing.crash_before = 2; crashing.crash_before <= kCrashPointsMax;
       ++crashing.crash_before) {
    const auto next = take(from, crashing, process, verdict);
    if (!next) return;
    out.push_back({*next, crashing});
    if (verdict.failure()) return;
  }
}

const std::vector<Move>& LocalStates::moves(LocalState from, const Surroundings& surroundings,
                                            sim::Verdict& verdict) {
  const auto [found, is_new] = moves_.try_emplace({from, surroundings});
  std::vector<Move>& out = found->second;
  if (!is_new) return out;
  std::unique_ptr<Process> process;
  for (const Step& step : steps(from, surroundings)) {
    const auto next = take(from, step, process, verdict);
    if (next) out.push_back({*next, step});
    const bool crashes = surroundings.may_crash && step.kind != StepKind::kRestart;
    if (!verdict.failure() && crashes && next && next != from)
      add_crashes(from, step, process, out, verdict);
    if (verdict.failure()) {
      if (!next) out.push_back({from, step});
      return out;
    }
  }
  leave_out_alike(from, out);
  return out;
}

void LocalStates::leave_out_alike(LocalState from, std::vector<Move>& moves) const {
  const auto kind = [&](const Move& move) { return entries_[move.next].kind; };
  std::stable_sort(moves.begin(), moves.end(),
                   [&](const Move& a, const Move& b) { return kind(a) < kind(b); });
  moves.erase(std::unique(moves.begin(), moves.end(),
                          [&](const Move& a, const Move& b) { return kind(a) == kind(b); }),
              moves.end());
  std::erase_if(moves, [&](const Move& move) { return kind(move) == entries_[from].kind; });
  moves.shrink_to_fit();
}

std::optional<LocalState> LocalStates::follow(LocalState from, const Surroundings& surroundings,
                                              const Step& step, sim::Verdict& verdict) {
  Step uncrashed = step;
  uncrashed.crash_before = 0;
  if (step.crash_before > 0 && !surroundings.may_crash) return std::nullopt;
  const std::vector<Step> allowed = steps(from, surroundings);
  if (std::find(allowed.begin(), allowed.end(), uncrashed) == allowed.end()) return std::nullopt;
  std::unique_ptr<Process> process;
  return take(from, step, process, verdict);
}

}  // namespace peerpay::explore
