#pragma once
// Behaviours B1 to B26: each a named way in which Byzantine validators, the network or a disk
// misbehave, and what must come of it. The actors are in actor.h, the scenarios in scenario.h, the
// judge in behaviour_oracle.h.

#include <cstdint>
#include <optional>
#include <string_view>

namespace peerpay::sim {

// The value is the number: B7 is 7.
enum class Behaviour : std::uint8_t {
  kNone = 0,
  kLeaderEquivocates = 1,
  kVotesTwice = 2,
  kNullifiesAndFinalizes = 3,
  kFinalizesAnother = 4,
  kOnlyNullifies = 5,
  kWithholds = 6,
  kSplitsViews = 7,
  kRepeatsStale = 8,
  kVotesElsewhere = 9,
  kForgesVotes = 10,
  kForgesCertificates = 11,
  kVotesFarAhead = 12,
  kCertifiesFarAhead = 13,
  kFloodsVotes = 14,
  kProposesInvalid = 15,
  kProposesUnexecutable = 16,
  kReplaysPackets = 17,
  kCrashesBetween = 18,
  kForgetsOnDisk = 19,
  kOneWayPartition = 20,
  kTimersTogether = 21,
  kSilentNetwork = 22,
  kLiesInSync = 23,
  kLeadersCensor = 24,
  kTooManyByzantine = 25,
  kFloodsMempool = 26,
};
inline constexpr std::uint32_t kBehaviours = 26;
inline constexpr std::uint32_t kBehaviourSizes[] = {4, 7, 10, 13};

struct BehaviourText {
  std::string_view title;     // what it does
  std::string_view expected;  // what must come of it, and is witnessed
};
[[nodiscard]] std::string_view name(Behaviour behaviour);  // "B7"; "none"
[[nodiscard]] const BehaviourText& text(Behaviour behaviour);
[[nodiscard]] std::optional<Behaviour> behaviour_named(std::string_view text);
// Whether Byzantine validators do it; otherwise the network, the machines or the disks do.
[[nodiscard]] bool is_byzantine(Behaviour behaviour);
// Whether other faults may strike at the same time without making the expected outcome uncertain.
[[nodiscard]] bool mixes_with_faults(Behaviour behaviour);

}  // namespace peerpay::sim
