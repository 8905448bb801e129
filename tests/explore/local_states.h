#pragma once
// LocalStates: every state that one validator was met in, numbered from 0 (the start), and what can
// happen in each. The engine is deterministic, so a step is run once for each state and kept.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/explore/process.h"
#include "tests/sim/verdict.h"

namespace peerpay::explore {

using LocalState = std::uint32_t;
inline constexpr std::uint32_t kLocalStateBits = 21;
inline constexpr LocalState kLocalStatesMax = LocalState{1} << kLocalStateBits;
// More than the steps of one state can add.
inline constexpr LocalState kLocalStatesSpare = 4'096;

struct Move {
  LocalState next = 0;
  Step step;
};

// What has been sent by each honest validator, and whether one may still crash.
struct Surroundings {
  std::array<Subjects, kHonest> sent{};
  bool may_crash = false;
  friend bool operator==(const Surroundings&, const Surroundings&) = default;
};

class LocalStates {
 public:
  LocalStates(const World& world, std::uint32_t index);

  // What can happen: one step for each state that it leads to. Of steps to states that differ only
  // in who signed a certificate and in votes that count for nothing yet, only the first is in the
  // list, though all are taken and checked: the votes stay under way, and can be delivered again
  // together with what completes a quorum. A step that must never happen goes to the verdict, and
  // is the last.
  [[nodiscard]] const std::vector<Move>& moves(LocalState from, const Surroundings& surroundings,
                                               sim::Verdict& verdict);
  // Where a step leads; empty when the surroundings don't allow it.
  [[nodiscard]] std::optional<LocalState> follow(LocalState from, const Surroundings& surroundings,
                                                 const Step& step, sim::Verdict& verdict);
  [[nodiscard]] const Testimony& testimony(LocalState state) const {
    return entries_[state].testimony;
  }
  [[nodiscard]] bool crashed(LocalState state) const { return entries_[state].crashed; }
  // Of its whole description, so the same in every world.
  [[nodiscard]] std::uint64_t fingerprint(LocalState state) const {
    return entries_[state].fingerprint;
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::uint64_t engine_steps() const { return engine_steps_; }
  // Made again by the steps that first led there.
  [[nodiscard]] std::unique_ptr<Process> process(LocalState state) const;

 private:
  struct Entry {
    Testimony testimony;
    bool crashed = false;
    std::uint64_t fingerprint = 0;
    std::uint64_t view = 0;
    std::uint32_t kind = 0;  // the same for states that are not told apart
    LocalState from = 0;
    Step step;
    std::uint32_t depth = 0;
    std::unique_ptr<Process> kept;  // of some, so that others are few steps away
  };
  struct Place {
    LocalState state = 0;
    Surroundings surroundings;
    friend bool operator==(const Place&, const Place&) = default;
  };
  struct PlaceHash {
    std::size_t operator()(const Place& place) const;
  };

  [[nodiscard]] std::vector<Step> steps(LocalState from, const Surroundings& surroundings) const;
  // Empty: no such step.
  [[nodiscard]] std::optional<LocalState> take(LocalState from, const Step& step,
                                               std::unique_ptr<Process>& process,
                                               sim::Verdict& verdict);
  void add_crashes(LocalState from, const Step& step, std::unique_ptr<Process>& process,
                   std::vector<Move>& out, sim::Verdict& verdict);
  void leave_out_alike(LocalState from, std::vector<Move>& moves) const;
  [[nodiscard]] LocalState number(std::unique_ptr<Process> process, LocalState from,
                                  const Step& step);

  const World& world_;
  std::uint32_t index_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, LocalState> numbers_;  // by key
  std::unordered_map<std::string, std::uint32_t> kinds_;
  std::unordered_map<std::uint64_t, LocalState> taken_;  // by state and step
  std::unordered_map<Place, std::vector<Move>, PlaceHash> moves_;
  std::uint64_t engine_steps_ = 0;
};

// What can arrive and happen at validator `index` in `view`. See docs/SIMULATION.md, "Exploration".
[[nodiscard]] std::vector<Step> steps_at(const World& world, std::uint32_t index,
                                         std::uint64_t view, const Surroundings& surroundings);

}  // namespace peerpay::explore
