#include "tests/sim/network.h"

#include <algorithm>
#include <utility>

namespace peerpay::sim {

SimNetwork::SimNetwork(const NetworkOptions& options, std::uint32_t nodes, Scheduler& scheduler,
                       base::Rng rng)
    : options_{options},
      nodes_{nodes},
      scheduler_{scheduler},
      rng_{rng},
      links_(std::size_t{nodes} * nodes),
      epochs_(std::size_t{nodes} * nodes),
      running_(nodes),
      listeners_(nodes) {}

void SimNetwork::attach(NodeIndex node, Listener listener) {
  listeners_[node.value] = std::move(listener);
}

std::uint64_t& SimNetwork::epoch(NodeIndex a, NodeIndex b) {
  return epochs_[std::min(a, b).value * nodes_ + std::max(a, b).value];
}

bool SimNetwork::is_up(NodeIndex a, NodeIndex b) const {
  return running_[a.value] && running_[b.value] && (link(a, b).open || link(b, a).open);
}

void SimNetwork::set_running(NodeIndex node, bool running) {
  running_[node.value] = running;
  for (NodeIndex peer; peer.value < nodes_; peer = peer.next()) {
    if (peer == node) continue;
    break_link(node, peer);
    link(node, peer).told_up = false;  // the new process believes nothing
    notice_later(node, peer);
  }
}

void SimNetwork::break_link(NodeIndex a, NodeIndex b) { ++epoch(a, b); }

void SimNetwork::notice_later(NodeIndex a, NodeIndex b) {
  const auto delay = [this] {
    const auto max = static_cast<std::uint64_t>(options_.notice_delay_max.microseconds);
    return base::microseconds(static_cast<std::int64_t>(rng_.between(1, max)));
  };
  scheduler_.after(delay(), [this, a, b] { notice(a, b); });
  scheduler_.after(delay(), [this, a, b] { notice(b, a); });
}

void SimNetwork::notice(NodeIndex at, NodeIndex peer) {
  if (!running_[at.value]) return;
  Link& own = link(at, peer);
  const std::uint64_t now = epoch(at, peer);
  if (own.told_up && (own.told_epoch != now || !is_up(at, peer))) {
    own.told_up = false;
    listeners_[at.value].on_link(peer, false);
  }
  if (!own.told_up && is_up(at, peer)) {
    own.told_up = true;
    own.told_epoch = now;
    listeners_[at.value].on_link(peer, true);
  }
}

void SimNetwork::cut(NodeIndex from, NodeIndex to) {
  link(from, to).open = false;
  if (link(to, from).open) return;
  break_link(from, to);
  notice_later(from, to);
}

void SimNetwork::heal(NodeIndex from, NodeIndex to) {
  link(from, to).open = true;
  notice_later(from, to);
}

void SimNetwork::calm(NodeIndex a, NodeIndex b) {
  for (Link* one : {&link(a, b), &link(b, a)}) {
    one->calm = true;
    one->open = true;
    one->clogged_until = {};
  }
  notice_later(a, b);
}

void SimNetwork::send(NodeIndex from, NodeIndex to, const SentMessagePtr& message) {
  ++stats_.sent;
  Link& way = link(from, to);
  if (!way.open || !way.told_up || way.told_epoch != epoch(from, to)) {
    ++stats_.lost;
    return;
  }
  if (way.calm) return deliver_later(from, to, message);
  if (rng_.chance(options_.clog_permille, 1000)) {
    ++stats_.clogs;
    way.clogged_until = scheduler_.now() + draw_interval(options_.clog_mean, rng_);
  }
  if (options_.replay_permille > 0) {
    if (!way.recorded.empty() && rng_.chance(options_.replay_permille, 1000)) {
      ++stats_.replayed;
      deliver_later(from, to, way.recorded[rng_.below(way.recorded.size())]);
    }
    record(way, message);
  }
  if (rng_.chance(options_.duplicate_permille, 1000)) {
    ++stats_.duplicated;
    deliver_later(from, to, message);
  }
  if (rng_.chance(options_.loss_permille, 1000)) {
    ++stats_.lost;
    return;
  }
  deliver_later(from, to, message);
}

void SimNetwork::record(Link& way, const SentMessagePtr& message) {
  constexpr std::size_t kRecordedMax = 512;
  if (way.recorded.size() < kRecordedMax) {
    way.recorded.push_back(message);
  } else {
    way.recorded[rng_.below(kRecordedMax)] = message;
  }
}

void SimNetwork::deliver_later(NodeIndex from, NodeIndex to, const SentMessagePtr& message) {
  const base::TimePoint arrival = scheduler_.now() + draw_delay(options_.delay, rng_);
  const auto deliver = [this, from, to, message, sent_in = epoch(from, to)] {
    if (!link(from, to).open || epoch(from, to) != sent_in || !running_[to.value]) {
      ++stats_.lost;
      return;
    }
    ++stats_.delivered;
    listeners_[to.value].on_message(from, message);
  };
  scheduler_.at(std::max(arrival, link(from, to).clogged_until), deliver);
}

}  // namespace peerpay::sim
