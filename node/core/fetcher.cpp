#include "node/core/fetcher.h"

#include <algorithm>
#include <utility>

#include "node/core/limits.h"
#include "node/core/messages.h"

namespace peerpay::node {
namespace {

std::optional<PeerIndex> next_after(PeerIndex last, const std::set<PeerIndex>& connected) {
  if (connected.empty()) return std::nullopt;
  const auto next = connected.upper_bound(last);
  return next == connected.end() ? *connected.begin() : *next;
}

}  // namespace

void Fetcher::want(const ledger::BlockHash& hash, consensus::View view,
                   std::optional<PeerIndex> first, base::TimePoint now) {
  if (wants_.contains(hash) || wants_.size() >= kBlocksHeldMax) return;
  wants_.emplace(hash, Want{view, first, now});
}

std::optional<consensus::View> Fetcher::wanted_for(const ledger::BlockHash& hash) const {
  const auto found = wants_.find(hash);
  if (found == wants_.end()) return std::nullopt;
  return found->second.view;
}

void Fetcher::finalized(consensus::View view) {
  std::erase_if(wants_, [view](const auto& want) { return want.second.view <= view; });
}

void Fetcher::start_range(base::TimePoint now) {
  if (!range_at_) range_at_ = now;
}

void Fetcher::stop_range() {
  range_at_.reset();
  continued_by_.reset();
  continued_since_.reset();
  range_owed_by_.clear();
}

Fetcher::RangeAsked Fetcher::take_range_answer(PeerIndex from) {
  if (range_owed_by_.erase(from) == 0) return RangeAsked::kNo;
  return from == range_asked_ ? RangeAsked::kLast : RangeAsked::kEarlier;
}

void Fetcher::range_answered(PeerIndex from, RangeAnswer answer, base::TimePoint now) {
  if (!range_at_ || (answer == RangeAnswer::kNothing && from != range_asked_)) return;
  range_at_ = now;
  continued_by_.reset();
  if (answer != RangeAnswer::kUncertified) {
    continued_since_.reset();
    return;
  }
  if (!continued_since_) continued_since_ = now;
  if (now - *continued_since_ <= config_.fetch_timeout * kContinuationTimeouts)
    continued_by_ = from;
}

std::optional<Send> Fetcher::range_request(const RangeStart& start,
                                           const std::set<PeerIndex>& connected,
                                           base::TimePoint now) {
  const bool goes_on = continued_by_ && connected.contains(*continued_by_);
  const auto peer = goes_on ? continued_by_ : next_after(range_asked_, connected);
  range_at_ = now + config_.fetch_timeout;
  if (!peer) return std::nullopt;
  if (!range_budget_.spend(*peer, now)) {
    range_at_ = now + kServeInterval;
    return std::nullopt;
  }
  continued_by_.reset();
  if (!goes_on) continued_since_.reset();
  range_asked_ = *peer;
  range_owed_by_.insert(*peer);
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
    const auto peer = ask_first ? want.first : next_after(block_asked_, connected);
    want.first.reset();
    if (!peer) continue;
    block_asked_ = *peer;
    out.push_back({peer, Priority::kRepair, encode(PeerMessage{BlockRequest{hash}})});
  }
  if (range_at_ && *range_at_ <= now) {
    if (auto request = range_request(start, connected, now)) out.push_back(std::move(*request));
  }
  return out;
}

std::optional<base::TimePoint> Fetcher::deadline() const {
  std::optional<base::TimePoint> out = range_at_;
  for (const auto& [hash, want] : wants_) out = out ? std::min(*out, want.ask_at) : want.ask_at;
  return out;
}

}  // namespace peerpay::node
