#pragma once
// Engine: the Simplex consensus protocol (Chan & Pass, ePrint 2023/463, in its rotating-leader form
// with separate certification) as one deterministic object. Events in, effects out: it has no
// clock, socket, disk, thread or randomness, and it sees only messages whose signatures were
// verified.
//
// The rules are numbered in consensus/README.md; the code cites them as "rule C7", other modules as
// "consensus C7".
// Not safe for threads: one thread owns it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "consensus/effects.h"
#include "consensus/messages.h"
#include "consensus/types.h"

namespace peerpay::consensus {

// Same on every node (from the genesis). Durations as measured by each node's monotonic clock.
struct Config {
  base::Duration leader_timeout = base::milliseconds(400);  // no proposal by then: nullify
  base::Duration certification_timeout =
      base::milliseconds(800);                               // view not certified by then: nullify
  base::Duration retry_interval = base::milliseconds(1000);  // resend while a view does not end
  base::Duration skip_timeout = base::milliseconds(5000);    // a leader this silent is skipped
  base::Duration timeout_max = base::milliseconds(30'000);   // cap of the growth by 3/2
  base::Duration block_interval_min = base::milliseconds(20);  // between two proposals' starts
  // Empty when the values make sense together; else one clear sentence.
  [[nodiscard]] std::optional<std::string_view> invalid_reason() const;
};

struct EngineStats {
  std::uint64_t votes_counted = 0;
  std::uint64_t votes_ignored = 0;  // duplicate, outdated, or too far ahead
  std::uint64_t views_nullified = 0;
  std::uint64_t certificates_made = 0;
  std::uint64_t repairs_requested = 0;
  std::uint64_t stragglers_helped = 0;  // peers whose repeated votes we answered (rule C24)
  std::uint64_t standstills = 0;        // rebroadcasts because nothing was finalized for long
};

// Whether votes may leave from the first event on, or only after open_voting().
enum class Voting : std::uint8_t { kOpen = 0, kMuted = 1 };

class Engine {
 public:
  // REQUIRES: a config without invalid_reason. `self` is empty for an observer: it follows
  // certificates and never votes.
  Engine(const Config& config, const Context& context, ValidatorSet validators,
         std::optional<ValidatorIndex> self);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Once, before any other event. `journal` in the order it was persisted; `floor` is the newest
  // finalization the application has made durable (it may be ahead of the journal, never behind
  // what it told anyone). With an incomplete journal voting is muted whatever `voting` says.
  [[nodiscard]] Effects start(std::span<const SafetyRecord> journal,
                              const std::optional<Certificate>& floor, base::TimePoint now,
                              Voting voting = Voting::kOpen);

  // The owner is certain that no vote of ours that the journal lacks is in a view above `through`:
  // votes may leave in the views above it (rule C8). Does nothing when they may already.
  [[nodiscard]] Effects open_voting(View through, base::TimePoint now);
  // The owner was shown a vote under our key that the journal lacks.
  [[nodiscard]] Effects on_unknown_own_vote(const Subject& subject, base::TimePoint now);

  // REQUIRES for both: signatures verified. Own signed votes come back through on_vote.
  [[nodiscard]] Effects on_vote(const Vote& vote, base::TimePoint now);
  [[nodiscard]] Effects on_certificate(const Certificate& certificate, base::TimePoint now);
  [[nodiscard]] Effects on_repair_request(ValidatorIndex from, const RepairRequest& request,
                                          base::TimePoint now);
  // A peer link came up: push the best certificates and repeat the vote of the current view, so
  // that whoever missed them catches up.
  [[nodiscard]] Effects on_peer_connected(ValidatorIndex peer, base::TimePoint now);

  // Answers of the application. An empty digest declines: nullify.
  [[nodiscard]] Effects on_proposed(View view, const std::optional<Digest>& digest,
                                    base::TimePoint now);
  [[nodiscard]] Effects on_verified(const Proposal& proposal, bool valid, base::TimePoint now);
  [[nodiscard]] Effects on_certified(const Proposal& proposal, bool certified, base::TimePoint now);

  // Whether there is something to order: something that no certified block holds. While there is
  // not, and everything certified is finalized, no timer runs and the leader proposes nothing. Tell
  // it before on_certified what is left once that block is certified, or the next leader proposes
  // an empty one. If the last block fails to become final, a ProposeRequest comes although nothing
  // is pending: answer it with an empty block.
  [[nodiscard]] Effects on_work(bool pending, base::TimePoint now);

  // REQUIRES: call at or after deadline(). Calling early does nothing.
  [[nodiscard]] Effects on_timer(base::TimePoint now);
  [[nodiscard]] std::optional<base::TimePoint> deadline() const;

  [[nodiscard]] View view() const;
  [[nodiscard]] View finalized() const;
  [[nodiscard]] const std::optional<Certificate>& finalization() const;  // newest held
  [[nodiscard]] ValidatorIndex leader() const;                           // of view()
  [[nodiscard]] bool is_muted() const;
  // What proves how far this validator has come: the newest finalization, and the certificate that
  // let it into view() unless the finalization did. Two at most.
  [[nodiscard]] std::vector<Certificate> standing() const;
  // The newest vote of each kind by `signer` within the certificates held.
  [[nodiscard]] std::vector<Vote> certified_votes(ValidatorIndex signer) const;
  [[nodiscard]] const EngineStats& stats() const;
  // Views with a state in memory; bounded by kViewsHeldMax.
  [[nodiscard]] std::size_t views_held() const;
  // Records that a restart still needs: what a compacted journal holds.
  [[nodiscard]] std::vector<SafetyRecord> journal() const;

 private:
  struct State;
  // Tools that explore what could happen copy an engine and compare states (tests/explore).
  friend struct EngineInspector;
  // Lets `note` take the event in, then does what the new state calls for.
  template <class Note>
  Effects handle(base::TimePoint now, Note note);

  std::unique_ptr<State> state_;
};

}  // namespace peerpay::consensus
