#pragma once
// Fetcher: which missing blocks to ask whom for, and when to ask somebody else.
//
// Two ways. By hash: one block that a proposal, a notarization or a finalization names. By range:
// finalized blocks from our head on, while a finalization is known whose ancestors are not. The
// peers are asked in turn, so that none can stop the others' answers: one that does not answer
// within fetch_timeout, or answers nothing of use, is passed over, never blamed. Whoever sent
// blocks without a certificate is asked to continue them itself: another peer's might not fit, and
// the certificate is what proves either. It has a few time-outs for all of them. How long an honest
// peer needs depends on the run and on the link, and a lying one would go on for ever; so once a
// run was given up, whoever is given up gets twice the time when its turn comes again, until
// something becomes final. While nothing does, all were given as much, so a liar holds us up about
// as long as an honest peer needs, and kContinuationDoublingsMax bounds that. No peer is asked more
// often than it answers (limits.h).

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/time.h"
#include "consensus/types.h"
#include "ledger/ids.h"
#include "node/core/config.h"
#include "node/core/effects.h"
#include "node/core/limits.h"
#include "node/core/peer_budget.h"

namespace peerpay::node {

class Fetcher {
 public:
  explicit Fetcher(const ReplicaConfig& config)
      : config_{config}, range_budget_{{kServeInterval, kRangesAskedBurst}} {}

  // `first` is asked first: who must have it. `view` lets finalized() forget it. Repeating a want
  // changes nothing.
  void want(const ledger::BlockHash& hash, consensus::View view, std::optional<PeerIndex> first,
            base::TimePoint now);
  // The view that the block was asked for: it is of that one or an earlier one. Empty when nobody
  // asked.
  [[nodiscard]] std::optional<consensus::View> wanted_for(const ledger::BlockHash& hash) const;
  void received(const ledger::BlockHash& hash) { wants_.erase(hash); }
  void finalized(consensus::View view);

  void start_range(base::TimePoint now);
  void stop_range();
  enum class RangeAsked : std::uint8_t {
    kNo,       // or it has answered already
    kEarlier,  // and another one since
    kLast
  };
  // Whether `from` owes an answer. It has given it now: one for each request.
  [[nodiscard]] RangeAsked take_range_answer(PeerIndex from);
  enum class RangeAnswer : std::uint8_t {
    kNothing,     // of use; the next peer is asked at once, if this was the last one asked
    kFinalized,   // blocks; the next peer is asked for the next ones at once
    kUncertified  // blocks that their sender is to continue
  };
  void range_answered(PeerIndex from, RangeAnswer answer, base::TimePoint now);

  // Where a range begins: after our head, or after what was staged without a certificate.
  struct RangeStart {
    ledger::Height after_head;
    ledger::Height after_staged;
  };
  [[nodiscard]] std::vector<Send> due(const RangeStart& start, const std::set<PeerIndex>& connected,
                                      base::TimePoint now);
  // Whether somebody is to continue what is staged. If not, the next range begins after our head.
  [[nodiscard]] bool continues() const { return run_.has_value(); }
  [[nodiscard]] std::optional<base::TimePoint> deadline() const;

 private:
  struct Want {
    consensus::View view;
    std::optional<PeerIndex> first;
    base::TimePoint ask_at;
  };
  // Blocks that no certificate covers yet.
  struct Run {
    PeerIndex from;
    base::TimePoint since;
    bool is_answered = true;  // the last request for more of it
  };
  [[nodiscard]] base::Duration patience_with(PeerIndex peer) const;
  // Turns away from the last one asked, if it owes us something.
  void turn_away();
  [[nodiscard]] std::optional<Send> range_request(const RangeStart& start,
                                                  const std::set<PeerIndex>& connected,
                                                  base::TimePoint now);

  ReplicaConfig config_;
  std::map<ledger::BlockHash, Want> wants_;
  std::optional<base::TimePoint> range_at_;
  std::optional<Run> run_;
  // How often each was given up since something became final; none is 0. Empty until a run was.
  std::map<PeerIndex, std::int64_t> given_up_;
  std::map<PeerIndex, std::int64_t> range_owed_by_;  // answers; none is 0
  PeerIndex range_asked_;                            // the last one
  PeerIndex block_asked_;                            // the last one
  PeerBudget range_budget_;
};

}  // namespace peerpay::node
