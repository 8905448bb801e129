#pragma once
// May I sign this? The rules that keep a final block final (rules C3 to C6, C8), as pure functions
// of what one validator knows about one view. Everything else in this module is about liveness.

#include <cstdint>
#include <optional>

#include "consensus/messages.h"

namespace peerpay::consensus {

// What this validator promised in one view. Restored from the journal, never forgotten while the
// view can still be finalized.
struct OwnVotes {
  std::optional<Proposal> notarized;
  std::optional<Proposal> finalized;
  bool nullified = false;

  [[nodiscard]] bool any() const { return notarized || finalized || nullified; }
  [[nodiscard]] bool contains(const Subject& subject) const;
  void record(const Subject& subject);
};

enum class Permission : std::uint8_t {
  kAllowed = 0,
  kViewClosed = 1,   // finalized, or at or below a promise that we forgot
  kAlreadySent = 2,  // one vote of a kind in a view, for ever
  kNullifySent = 3,
  kFinalizeSent = 4,
  kOtherNotarized = 5,  // we notarized something else
  kLeaderEquivocated = 6,
  kNotNotarized = 7,  // not yet: no notarization of this proposal is held
  kNotCertified = 8,  // not yet: the application has not certified it
};

struct SafetyFacts {
  View closed_through;  // no vote at or below this view
  OwnVotes own;         // in the view of the subject
  bool leader_equivocated = false;
  std::optional<Proposal> notarized_by_quorum;
  bool certified = false;
};

// REQUIRES: the facts are of subject.view(); a proposal to notarize was verified by the
// application.
[[nodiscard]] Permission may_sign(const SafetyFacts& facts, const Subject& subject);

// No honest validator votes for both, and no two quorums do while at most faulty_max are Byzantine.
// Compares content, never signature bytes.
[[nodiscard]] bool exclude_each_other(const Subject& a, const Subject& b);

}  // namespace peerpay::consensus
