#pragma once
// What one validator knows about one view.

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "consensus/messages.h"
#include "consensus/safety.h"
#include "consensus/tally.h"

namespace peerpay::consensus {

// The application's answer about the notarized block of a view.
enum class Certification : std::uint8_t { kNone = 0, kRunning = 1, kCertified = 2, kRefused = 3 };

struct ViewState {
  explicit ViewState(std::uint32_t validators) : tally{validators} {}

  Tally tally;
  OwnVotes own;
  Certification certification = Certification::kNone;

  // What the leader proposes, from the first of: its notarize vote, a notarization, our own
  // journal.
  std::optional<Proposal> proposal;
  bool leader_equivocated = false;
  std::optional<base::TimePoint> proposed_at;  // as seen here
  std::optional<View> parent_offered;  // the application was asked for a block on this parent
  bool verifying = false;              // the application was asked about the proposal
  // Nothing good can come of this view: declined, invalid, refused or equivocated.
  bool hopeless = false;

  [[nodiscard]] const std::optional<Certificate>& certificate(VoteKind kind) const {
    return certificates[static_cast<std::size_t>(kind)];
  }
  // The proposal that a quorum notarized.
  [[nodiscard]] std::optional<Proposal> notarized() const {
    const auto& notarization = certificate(VoteKind::kNotarize);
    if (!notarization) return std::nullopt;
    return notarization->subject.proposal;
  }
  // Whether anybody acted in this view.
  [[nodiscard]] bool is_touched() const {
    return own.any() || !tally.empty() || certificate(VoteKind::kNotarize);
  }

  std::array<std::optional<Certificate>, kVoteKinds> certificates;
};

}  // namespace peerpay::consensus
