#pragma once
// Tally: the votes of one view. One slot for each kind and signer, so a flood of valid votes costs
// nothing after the first; a second, different vote is kept out and reported (rule C6).

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "consensus/effects.h"
#include "consensus/messages.h"

namespace peerpay::consensus {

class Tally {
 public:
  // REQUIRES: every signer that is passed in is below `validators`.
  explicit Tally(std::uint32_t validators) : validators_{validators} {}

  struct Addition {
    bool counted = false;              // false: the slot was taken
    std::optional<Evidence> evidence;  // at most once for each signer
  };
  // REQUIRES: votes of one view only.
  [[nodiscard]] Addition add(const Vote& vote);

  // Null when the slot is free.
  [[nodiscard]] const Vote* find(VoteKind kind, ValidatorIndex signer) const;
  [[nodiscard]] std::uint32_t count(const Subject& subject) const;
  // `count` votes on the subject, by ascending signer. REQUIRES: count(subject) >= count.
  [[nodiscard]] std::vector<Vote> votes(const Subject& subject, std::uint32_t count) const;
  [[nodiscard]] bool empty() const;

 private:
  struct Box {  // of one kind; slots is empty until the first vote
    std::vector<std::optional<Vote>> slots;
    std::vector<std::pair<Proposal, std::uint32_t>>
        counts;  // one entry unless somebody equivocated
  };
  const Box& box(VoteKind kind) const { return boxes_[static_cast<std::size_t>(kind)]; }
  std::optional<Evidence> accuse(const Vote& vote);

  std::uint32_t validators_;
  std::array<Box, kVoteKinds> boxes_;
  std::vector<bool> accused_;
};

}  // namespace peerpay::consensus
