#pragma once
// SimNetwork: links between nodes that delay, lose, duplicate, reorder, clog and break, as the seed
// says.
//
// A link is up while both ends run and at least one direction is open: a one-way partition fools
// both ends' keepalive, as it does in life. Breaking a link loses what is on it. Both ends learn of
// a change after a while.

#include <cstdint>
#include <functional>
#include <vector>

#include "base/rng.h"
#include "node/core/event.h"
#include "tests/sim/options.h"
#include "tests/sim/scheduler.h"
#include "tests/sim/sent_message.h"

namespace peerpay::sim {

using NodeIndex = node::PeerIndex;

struct NetworkStats {
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t clogs = 0;
  std::uint64_t replayed = 0;
};

class SimNetwork {
 public:
  struct Listener {
    std::function<void(NodeIndex from, const SentMessagePtr& message)> on_message;
    std::function<void(NodeIndex peer, bool up)> on_link;
  };

  // `options` and `scheduler` must outlive the network.
  SimNetwork(const NetworkOptions& options, std::uint32_t nodes, Scheduler& scheduler,
             base::Rng rng);

  void attach(NodeIndex node, Listener listener);
  void set_running(NodeIndex node, bool running);

  void send(NodeIndex from, NodeIndex to, const SentMessagePtr& message);

  // One direction.
  void cut(NodeIndex from, NodeIndex to);
  void heal(NodeIndex from, NodeIndex to);
  // No loss, duplication or clogging from now on, in both directions; the link is healed.
  void calm(NodeIndex a, NodeIndex b);
  [[nodiscard]] bool is_up(NodeIndex a, NodeIndex b) const;

  [[nodiscard]] const NetworkStats& stats() const { return stats_; }

 private:
  struct Link {  // one direction
    bool open = true;
    bool calm = false;
    bool told_up = false;  // what `from` believes
    std::uint64_t told_epoch = 0;
    base::TimePoint clogged_until;
    std::vector<SentMessagePtr> recorded;  // what may come again; a ring
  };
  Link& link(NodeIndex from, NodeIndex to) { return links_[from.value * nodes_ + to.value]; }
  [[nodiscard]] const Link& link(NodeIndex from, NodeIndex to) const {
    return links_[from.value * nodes_ + to.value];
  }
  std::uint64_t& epoch(NodeIndex a, NodeIndex b);
  void break_link(NodeIndex a, NodeIndex b);
  void notice_later(NodeIndex a, NodeIndex b);
  void notice(NodeIndex at, NodeIndex peer);
  void record(Link& way, const SentMessagePtr& message);
  void deliver_later(NodeIndex from, NodeIndex to, const SentMessagePtr& message);

  const NetworkOptions& options_;
  std::uint32_t nodes_;
  Scheduler& scheduler_;
  base::Rng rng_;
  std::vector<Link> links_;
  std::vector<std::uint64_t> epochs_;  // of the pair: one more each time the link breaks
  std::vector<bool> running_;
  std::vector<Listener> listeners_;
  NetworkStats stats_;
};

}  // namespace peerpay::sim
