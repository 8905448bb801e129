#include "node/core/fetcher.h"

#include <algorithm>
#include <utility>

#include "node/core/limits.h"
#include "node/core/messages.h"

namespace peerpay::node {

void Fetcher::want(const ledger::BlockHash& hash, consensus::View view,
                   std::optional<PeerIndex> first, base::TimePoint now) {
  if (wants_.contains(hash) || wants_.size() >= kBlocksHeldMax) return;
  wants_.emplace(hash, Want{view, first, now});
}

void Fetcher::finalized(consensus::View view) {
  std::erase_if(wants_, [view](const auto& want) { return want.second.view <= view; });
}

void Fetcher::start_range(base::TimePoint now) {
  if (!range_at_) range_at_ = now;
}

void Fetcher::range_answered(PeerIndex from, RangeAnswer answer, base::TimePoint now) {
  if (!range_at_) return;
  range_at_ = answer == RangeAnswer::kNothing ? now + config_.fetch_timeout : now;
  continued_by_.reset();
  if (answer == RangeAnswer::kUncertified) continued_by_ = from;
}

std::optional<PeerIndex> Fetcher::next_peer(const std::set<PeerIndex>& connected) {
  if (connected.empty()) return std::nullopt;
  auto next = connected.upper_bound(last_asked_);
  if (next == connected.end()) next = connected.begin();
  last_asked_ = *next;
  return last_asked_;
}

std::optional<Send> Fetcher::range_request(const RangeStart& start,
                                           const std::set<PeerIndex>& connected) {
  const auto same = std::exchange(continued_by_, std::nullopt);
  const bool goes_on = same && connected.contains(*same);
  const auto peer = goes_on ? same : next_peer(connected);
  if (!peer) return std::nullopt;
  const auto from = goes_on ? start.after_staged : start.after_head;
  return Send{peer, Priority::kRepair, encode(PeerMessage{SyncRequest{from}})};
}

std::vector<Send> Fetcher::due(const RangeStart& start, const std::set<PeerIndex>& connected,
                               base::TimePoint now) {
  std::vector<Send> out;
  for (auto& [hash, want] : wants_) {
    if (want.ask_at > now) continue;
    want.ask_at = now + config_.fetch_timeout;
    const bool ask_first = want.first && connected.contains(*want.first);
    const auto peer = ask_first ? want.first : next_peer(connected);
    want.first.reset();
    if (peer) out.push_back({peer, Priority::kRepair, encode(PeerMessage{BlockRequest{hash}})});
  }
  if (range_at_ && *range_at_ <= now) {
    range_at_ = now + config_.fetch_timeout;
    if (auto request = range_request(start, connected)) out.push_back(std::move(*request));
  }
  return out;
}

std::optional<base::TimePoint> Fetcher::deadline() const {
  std::optional<base::TimePoint> out = range_at_;
  for (const auto& [hash, want] : wants_) out = out ? std::min(*out, want.ask_at) : want.ask_at;
  return out;
}

}  // namespace peerpay::node
