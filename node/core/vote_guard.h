#pragma once
// VoteGuard: when may a validator that has just started vote? Its sign log may be older than what
// it has signed: lost, put back from a copy, or used by a second process as well. So it starts mute
// and asks its peers what they have seen (consensus C8, C33).
//
//   asking       The log says that it is whole. min(f + 1, n - 1) other validators answer, and
//                nobody shows a vote that the log lacks: it votes. With fewer peers no quorum could
//                form anyway, so this costs no liveness.
//   locating     The log lacks votes, known from itself or from an answer. min(n - f, n - 1) others
//                answer, each with a proof of its view; W is the highest view proved.
//   listening    Until a view at or above W + 1 + 2n is final: all views of old votes are closed,
//                and every leader was listened to twice.
//   confirming   As many are asked once more. Then it votes, above what is final.
//
// Why no vote that this key ever made, before the questions were asked, is above W + 1: to vote in
// a view v it had entered v, so a quorum had voted in v - 1. At least n - 2f - 1 of them are other
// validators that are honest and remember, and n - f others meet these, since n > 3f. Views only
// grow, so one of those that answered proved a view of v - 1 or above. A validator that lacks votes
// itself does not answer: where it was it may have forgotten.
//
// So a vote above W + 1 under this key was made by another process: the node must stop. It must
// also when f + 1 others say again and again that another link took the place of its own: one of
// them is honest, and lets nobody in without the key. That is how a copy on another machine learns
// of the one that votes: answers come by the links that peers dial, and they don't dial the copy.
// And n of most 3 can't rejoin: a quorum needs everybody, so nothing becomes final meanwhile.
//
// Pure; not safe for threads. Costs O(n) memory.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "consensus/effects.h"
#include "consensus/types.h"
#include "node/core/event.h"

namespace peerpay::node {

enum class VotingStage : std::uint8_t {
  kVoting = 0,
  kAsking = 1,
  kLocating = 2,
  kListening = 3,
  kConfirming = 4,
};

struct VotingStatus {
  VotingStage stage = VotingStage::kVoting;
  std::uint32_t answers_missing = 0;  // while asking, locating or confirming
  consensus::View final_wanted;       // while listening: what must be final first
  bool can_rejoin = true;             // false where a quorum needs everybody
};

class VoteGuard {
 public:
  // `token`: 16 random bytes, drawn for this start.
  VoteGuard(const consensus::ValidatorSet& validators, PeerIndex self, const StandingToken& token);

  // Once. `journal` as it was read; nothing at or below `finalized` is expected in it.
  void start(const std::vector<consensus::SafetyRecord>& journal, consensus::View finalized);

  // It may have missed what it was asked: it is asked again at once. And who gets through in both
  // directions is no copy that nobody dials.
  void on_connected(PeerIndex peer) {
    asked_at_.erase(peer);
    replaced_.erase(peer);
  }
  // Whom to ask now, and when next.
  [[nodiscard]] std::vector<PeerIndex> due(const std::set<PeerIndex>& connected,
                                           base::TimePoint now);
  [[nodiscard]] std::optional<base::TimePoint> deadline(const std::set<PeerIndex>& connected) const;
  [[nodiscard]] const StandingToken& token() const { return token_; }

  // An answer to this start's question. REQUIRES: verified, and our token.
  void take(PeerIndex from, const Standing& standing);
  // The peer took another link under our key instead of this process's.
  void on_replaced(PeerIndex peer);
  // A vote under our own key, seen in a certificate.
  void notice(const consensus::Subject& own);
  // The journal was found to lack a vote, here or by the engine.
  void on_incomplete();

  // A vote shown that the journal lacks, to be journaled; told once.
  [[nodiscard]] std::optional<consensus::Subject> take_unknown();
  // What shows that another process uses this key, as the beginning of a sentence.
  [[nodiscard]] std::optional<std::string> key_in_use() const;
  // True once, when votes may leave in every open view above the newest final one.
  [[nodiscard]] bool opens(consensus::View finalized);

  // Whether what this validator remembers of the views it was in can be relied on.
  [[nodiscard]] bool remembers() const {
    return stage_ == VotingStage::kVoting || stage_ == VotingStage::kAsking;
  }
  [[nodiscard]] VotingStatus status() const;

 private:
  [[nodiscard]] std::uint32_t answers_needed() const;
  [[nodiscard]] bool is_answered() const { return answered_.size() >= answers_needed(); }
  [[nodiscard]] bool is_known(const consensus::Subject& own) const;
  [[nodiscard]] consensus::View final_wanted() const;
  void suspect(const consensus::Subject& own);
  void advance(consensus::View finalized);
  void ask_again(VotingStage stage);

  const std::uint32_t validators_;
  const std::uint32_t faulty_max_;
  const PeerIndex self_;
  const StandingToken token_;
  VotingStage stage_ = VotingStage::kAsking;
  consensus::View finalized_at_start_;
  std::set<consensus::Subject> journaled_;  // above that
  std::set<PeerIndex> answered_;            // in this stage
  std::map<PeerIndex, base::TimePoint> asked_at_;
  std::map<PeerIndex, std::uint32_t> replaced_;  // how often
  consensus::View proved_;                       // the highest view; W once they have answered
  std::optional<consensus::Subject> newest_;     // the newest own vote seen before that
  std::optional<consensus::Subject> unknown_;
  std::optional<consensus::Subject> foreign_;
};

// VoteWitness: of each validator and kind the newest vote that it sent here. What peers are told
// about their own votes when they ask.
class VoteWitness {
 public:
  // REQUIRES: verified, the signer's own message.
  void saw(const consensus::Vote& vote);
  // Of each kind the newest among these and `others`, by the same signer.
  [[nodiscard]] std::vector<consensus::Vote> newest(
      PeerIndex signer, const std::vector<consensus::Vote>& others) const;

 private:
  using Newest = std::array<std::optional<consensus::Vote>, consensus::kVoteKinds>;
  static void keep(Newest& newest, const consensus::Vote& vote);

  std::map<PeerIndex, Newest> votes_;
};

}  // namespace peerpay::node
