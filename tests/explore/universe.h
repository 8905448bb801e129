#pragma once
// What can be said in an exploration: four validators, of which the last is Byzantine, and up to
// three views. Everything is numbered, so that a set of votes is one word.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "consensus/messages.h"

namespace peerpay::explore {

inline constexpr std::uint32_t kMembers = 4;
inline constexpr std::uint32_t kHonest = 3;     // validators 0 to 2
inline constexpr std::uint32_t kByzantine = 3;  // validator 3
inline constexpr std::uint32_t kViewsMax = 3;

struct World {
  std::uint32_t views = kViewsMax;
  std::uint32_t turn = 0;     // the leader of view v is validator (turn + v) mod 4
  std::uint32_t crashes = 1;  // of all validators together
  // The application of every honest validator refuses to certify the second block that the
  // Byzantine leader makes on a parent.
  bool refuses = false;
  // Votes arrive one by one, and every step is followed; else see LocalStates::moves.
  bool each_vote = false;

  [[nodiscard]] std::uint32_t leader(std::uint64_t view) const {
    return static_cast<std::uint32_t>((turn + view) % kMembers);
  }
};

// Two blocks for each view and parent below it: 12. A Byzantine leader makes both; an honest one
// the second after a crash, as a new block has a new time.
inline constexpr std::uint32_t kProposals = kViewsMax * (kViewsMax + 1);
[[nodiscard]] consensus::Proposal proposal_at(std::uint64_t view, std::uint64_t parent,
                                              bool second);
[[nodiscard]] bool is_second(const consensus::Proposal& proposal);

// A subject's number: notarize 0 to 11, finalize 12 to 23, nullify 24 to 26.
inline constexpr std::uint32_t kSubjects = 2 * kProposals + kViewsMax;
using Subjects = std::uint32_t;  // a set: bit i for number i
[[nodiscard]] std::optional<std::uint32_t> number_of(const consensus::Proposal& proposal);
[[nodiscard]] std::optional<std::uint32_t> number_of(const consensus::Subject& subject);
// REQUIRES: number < kSubjects.
[[nodiscard]] const consensus::Subject& subject_of(std::uint32_t number);
[[nodiscard]] constexpr Subjects set_of(std::uint32_t number) { return Subjects{1} << number; }
// All of one kind in one view. REQUIRES: view from 1 to 3.
[[nodiscard]] Subjects subjects_of(consensus::VoteKind kind, std::uint64_t view);

// "notarize-v2p1a", "nullify-v1": a is the first block on that parent, b the second.
[[nodiscard]] std::string describe_subject(std::uint32_t number);
[[nodiscard]] std::optional<std::uint32_t> subject_named(std::string_view text);
// The text before the separator, or all of it; `text` becomes what comes after.
[[nodiscard]] std::string_view take_word(std::string_view& text, char separator);

}  // namespace peerpay::explore
