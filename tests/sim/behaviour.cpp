#include "tests/sim/behaviour.h"

#include <charconv>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace peerpay::sim {

namespace {

constexpr std::string_view kNames[] = {"none", "B1",  "B2",  "B3",  "B4",  "B5",  "B6",
                                       "B7",   "B8",  "B9",  "B10", "B11", "B12", "B13",
                                       "B14",  "B15", "B16", "B17", "B18", "B19", "B20",
                                       "B21",  "B22", "B23", "B24", "B25", "B26"};
static_assert(std::size(kNames) == kBehaviours + 1);

constexpr BehaviourText kTexts[] = {
    {"nothing in particular", "as in every run"},
    {"a leader sends different blocks to different peers",
     "evidence; at most one notarization; who saw both does not finalize"},
    {"two notarize or two finalize votes", "evidence against nobody else"},
    {"nullify and finalize in one view", "evidence; never both certificates"},
    {"finalize for another block than it notarized", "evidence"},
    {"votes nullify, whatever happens", "the others finalize on"},
    {"votes to a quorum less one; blocks and certificates to one peer",
     "who was left out fetches the block and votes or certifies"},
    {"the same view ends notarized for one and nullified for the others",
     "the others fetch the notarization and build on it"},
    {"repeats votes and certificates of long ago", "nothing is kept of them"},
    {"votes and blocks of another network or epoch", "refused before they are an event"},
    {"wrong signer, flipped signature, signature of another kind, signer out of range",
     "refused; nobody else is blamed"},
    {"certificates short of a quorum, with doubled or unknown signers, of wrong length", "refused"},
    {"votes for views far ahead", "dropped; no view is opened"},
    {"certificates of views far ahead that no quorum signed", "refused; no view is opened"},
    {"masses of valid votes that contradict each other", "one slot each; views held stay bounded"},
    {"proposes invalid blocks and parents", "nobody notarizes; the view is nullified"},
    {"proposes blocks whose execution fails", "nobody notarizes; the view is nullified"},
    {"every recorded packet may come again, at any time", "nothing changes by it"},
    {"crashes at each point between deciding and sending", "no vote is contradicted afterwards"},
    {"one crashes, or all at once; one comes back with an older copy of its disk",
     "it notices and rejoins, or contradicts nobody"},
    {"one node hears and is not heard, or the other way round, for good",
     "the others finalize on, and few views are given up"},
    {"all pause and go on at once; clocks are off and jump", "finality goes on afterwards"},
    {"for a while every message is lost and every link seems up",
     "repeated votes and certificates bring finality back"},
    {"sync answers cut, reordered, of the wrong height, beyond the tip",
     "blamed or passed over; sync goes on with others"},
    {"f leaders in a row leave out one account",
     "its payment is in one of the next f + 1 blocks of honest leaders"},
    {"a quorum colludes and finalizes two blocks in a view",
     "whoever sees both halts with both certificates"},
    {"nonce gaps, one nonce for many payloads, payments that apply only alone",
     "the pool stays bounded; honest payments end"},
};
static_assert(std::size(kTexts) == kBehaviours + 1);

}  // namespace

std::string_view name(Behaviour behaviour) { return kNames[static_cast<std::size_t>(behaviour)]; }

const BehaviourText& text(Behaviour behaviour) {
  return kTexts[static_cast<std::size_t>(behaviour)];
}

std::optional<Behaviour> behaviour_named(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == text) return static_cast<Behaviour>(i);
  }
  return std::nullopt;
}

bool is_byzantine(Behaviour behaviour) {
  switch (behaviour) {
    case Behaviour::kNone:
    case Behaviour::kReplaysPackets:
    case Behaviour::kCrashesBetween:
    case Behaviour::kForgetsOnDisk:
    case Behaviour::kOneWayPartition:
    case Behaviour::kTimersTogether:
    case Behaviour::kSilentNetwork: return false;
    case Behaviour::kLeaderEquivocates:
    case Behaviour::kVotesTwice:
    case Behaviour::kNullifiesAndFinalizes:
    case Behaviour::kFinalizesAnother:
    case Behaviour::kOnlyNullifies:
    case Behaviour::kWithholds:
    case Behaviour::kSplitsViews:
    case Behaviour::kRepeatsStale:
    case Behaviour::kVotesElsewhere:
    case Behaviour::kForgesVotes:
    case Behaviour::kForgesCertificates:
    case Behaviour::kVotesFarAhead:
    case Behaviour::kCertifiesFarAhead:
    case Behaviour::kFloodsVotes:
    case Behaviour::kProposesInvalid:
    case Behaviour::kProposesUnexecutable:
    case Behaviour::kLiesInSync:
    case Behaviour::kLeadersCensor:
    case Behaviour::kTooManyByzantine:
    case Behaviour::kFloodsMempool: return true;
  }
  PEERPAY_UNREACHABLE("every behaviour is named above");
}

bool mixes_with_faults(Behaviour behaviour) {
  return behaviour != Behaviour::kOneWayPartition && behaviour != Behaviour::kLeadersCensor &&
         behaviour != Behaviour::kTooManyByzantine && behaviour != Behaviour::kForgetsOnDisk &&
         behaviour != Behaviour::kSilentNetwork;
}

}  // namespace peerpay::sim
