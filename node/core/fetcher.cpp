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
  run_.reset();
  given_up_.clear();
  range_owed_by_.clear();
}

Fetcher::RangeAsked Fetcher::take_range_answer(PeerIndex from) {
  const auto owed = range_owed_by_.find(from);
  if (owed == range_owed_by_.end()) return RangeAsked::kNo;
  if (--owed->second == 0) range_owed_by_.erase(owed);
  return from == range_asked_ ? RangeAsked::kLast : RangeAsked::kEarlier;
}

void Fetcher::range_answered(PeerIndex from, RangeAnswer answer, base::TimePoint now) {
  if (!range_at_ || (answer == RangeAnswer::kNothing && from != range_asked_)) return;
  range_at_ = now;
  if (answer == RangeAnswer::kFinalized) given_up_.clear();
  if (answer != RangeAnswer::kUncertified) return run_.reset();
  if (!run_ || run_->from != from) run_ = Run{from, now};
  run_->is_answered = true;
}

base::Duration Fetcher::patience_with(PeerIndex peer) const {
  const auto found = given_up_.find(peer);
  const auto doublings = found == given_up_.end() ? 0 : found->second;
  return config_.fetch_timeout * (std::int64_t{1} << doublings);
}

void Fetcher::turn_away() {
  const auto give_up = [this](PeerIndex peer) {
    auto& times = given_up_[peer];
    times = std::min(times + 1, kContinuationDoublingsMax);
  };
  if (run_) {
    give_up(run_->from);
    // Else it could begin again before anybody else has answered.
    range_owed_by_.erase(run_->from);
    run_.reset();
  } else if (!given_up_.empty() && range_owed_by_.contains(range_asked_)) {
    give_up(range_asked_);
  }
}

std::optional<Send> Fetcher::range_request(const RangeStart& start,
                                           const std::set<PeerIndex>& connected,
                                           base::TimePoint now) {
  const bool goes_on = run_ && run_->is_answered && connected.contains(run_->from) &&
                       now - run_->since <= patience_with(run_->from) * kContinuationTimeouts;
  const auto peer = goes_on ? std::optional{run_->from} : next_after(range_asked_, connected);
  range_at_ = now + config_.fetch_timeout;
  if (!peer) return std::nullopt;
  if (!range_budget_.spend(*peer, now)) {
    range_at_ = now + kServeInterval;
    return std::nullopt;
  }
  if (goes_on) {
    run_->is_answered = false;
  } else {
    turn_away();
  }
  // Not before: it may be the one that was just given up, the only one there is.
  range_at_ = now + patience_with(*peer);
  range_asked_ = *peer;
  auto& owed = range_owed_by_[*peer];
  owed = std::min(owed + 1, kRangesOwedMax);
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
