#pragma once
// PromiseGuard: what a validator has promised by its votes, and which votes that excludes. It knows
// nothing of the engine that decides on votes: it is the second lock on the same door.
//
// (docs/spec/storage.md, S14)
//
//   already voted in view v | notarize(v)  | nullify(v) | finalize(v)
//   notarize(c)             | same c only  | allowed    | allowed
//   nullify                 | never        | again      | never
//   finalize(c)             | same c only  | never      | same c only
//
// finalize(c) after notarize of another c' stays allowed: a quorum notarized c, and one
// notarization per view is all that safety needs (Chan & Pass, ePrint 2023/463, section 3).
// Pure; not safe for threads.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>

#include "consensus/effects.h"
#include "consensus/messages.h"
#include "consensus/types.h"

namespace peerpay::storage {

enum class PromiseConflict : std::uint8_t {
  kNotarizeAfterNotarize,
  kNotarizeAfterNullify,
  kNotarizeAfterFinalize,
  kNullifyAfterFinalize,
  kFinalizeAfterNullify,
  kFinalizeAfterFinalize,
  kForgotten,  // the votes of that view were dropped: nothing may be added to them
};
// One sentence.
[[nodiscard]] std::string_view sentence(PromiseConflict conflict);

class PromiseGuard {
 public:
  // Why `vote` may not be made; empty when it may.
  [[nodiscard]] std::optional<PromiseConflict> conflict(const consensus::Subject& vote) const;
  // REQUIRES: conflict(vote) is empty.
  void keep(const consensus::Subject& vote);
  struct Refusal {
    PromiseConflict conflict{};
    consensus::View view;
  };
  // Keeps the votes among `records` up to the first that conflicts with those before it, and the
  // floor that a Rejoined among them says.
  [[nodiscard]] std::optional<Refusal> keep_all(std::span<const consensus::SafetyRecord> records);

  // From now on a vote at or below `floor` is refused unless it repeats one that is known.
  void raise_floor(consensus::View floor);
  [[nodiscard]] consensus::View floor() const { return floor_; }
  // Highest view voted in; 0 when none is known.
  [[nodiscard]] consensus::View view_highest() const;
  // Highest view with a vote here that `kept` does not hold; 0 when there is none.
  [[nodiscard]] consensus::View view_highest_not_in(const PromiseGuard& kept) const;

 private:
  struct Votes {
    std::optional<consensus::Proposal> notarize;
    std::optional<consensus::Proposal> finalize;
    bool nullify = false;
  };
  static bool holds(const Votes& votes, const Votes& others);
  static bool repeats(const Votes& votes, const consensus::Subject& vote);

  consensus::View floor_;
  std::map<consensus::View, Votes> votes_;
};

}  // namespace peerpay::storage
