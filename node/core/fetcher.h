#pragma once
// Fetcher: which missing blocks to ask whom for, and when to ask somebody else.
//
// Two ways. By hash: one block that a proposal, a notarization or a finalization names. By range:
// finalized blocks from our head on, while a finalization is known whose ancestors are not. One
// range request is out at a time; a peer that does not answer within fetch_timeout is passed over,
// never blamed. Whoever sent blocks without a certificate is asked to continue them itself: another
// peer's might not fit, and the certificate is what proves either.

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

namespace peerpay::node {

class Fetcher {
 public:
  explicit Fetcher(const ReplicaConfig& config) : config_{config} {}

  // `first` is asked first: who must have it. `view` lets finalized() forget it. Repeating a want
  // changes nothing.
  void want(const ledger::BlockHash& hash, consensus::View view, std::optional<PeerIndex> first,
            base::TimePoint now);
  [[nodiscard]] bool wants(const ledger::BlockHash& hash) const { return wants_.contains(hash); }
  void received(const ledger::BlockHash& hash) { wants_.erase(hash); }
  void finalized(consensus::View view);

  void start_range(base::TimePoint now);
  void stop_range() { range_at_.reset(); }
  [[nodiscard]] bool range_active() const { return range_at_.has_value(); }
  enum class RangeAnswer : std::uint8_t {
    kNothing,     // another peer is asked after fetch_timeout
    kFinalized,   // blocks; another peer is asked for the next ones at once
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
  [[nodiscard]] std::optional<base::TimePoint> deadline() const;

 private:
  struct Want {
    consensus::View view;
    std::optional<PeerIndex> first;
    base::TimePoint ask_at;
  };
  [[nodiscard]] std::optional<PeerIndex> next_peer(const std::set<PeerIndex>& connected);
  [[nodiscard]] std::optional<Send> range_request(const RangeStart& start,
                                                  const std::set<PeerIndex>& connected);

  ReplicaConfig config_;
  std::map<ledger::BlockHash, Want> wants_;
  std::optional<base::TimePoint> range_at_;
  std::optional<PeerIndex> continued_by_;
  PeerIndex last_asked_;
};

}  // namespace peerpay::node
