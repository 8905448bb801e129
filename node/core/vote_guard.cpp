#include "node/core/vote_guard.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "node/core/limits.h"

namespace peerpay::node {

using consensus::Subject;
using consensus::View;

VoteGuard::VoteGuard(const consensus::ValidatorSet& validators, PeerIndex self,
                     const StandingToken& token)
    : validators_{validators.size()},
      faulty_max_{validators.faulty_max()},
      self_{self},
      token_{token} {}

void VoteGuard::start(const std::vector<consensus::SafetyRecord>& journal, View finalized) {
  finalized_at_start_ = finalized;
  proved_ = finalized.next();
  for (const auto& record : journal) {
    const auto* own = std::get_if<consensus::OwnVote>(&record);
    if (own != nullptr && own->subject.view() > finalized) journaled_.insert(own->subject);
  }
  if (consensus::is_incomplete(journal)) stage_ = VotingStage::kLocating;
}

std::uint32_t VoteGuard::answers_needed() const {
  const std::uint32_t others = validators_ - 1;
  switch (stage_) {
    case VotingStage::kVoting:
    case VotingStage::kListening: return 0;
    case VotingStage::kAsking: return std::min(faulty_max_ + 1, others);
    case VotingStage::kLocating:
    case VotingStage::kConfirming: return std::min(validators_ - faulty_max_, others);
  }
  PEERPAY_UNREACHABLE("every stage needs a number of answers");
}

View VoteGuard::final_wanted() const { return View{proved_.value + 1 + 2 * validators_}; }

std::vector<PeerIndex> VoteGuard::due(const std::set<PeerIndex>& connected, base::TimePoint now) {
  std::vector<PeerIndex> out;
  if (stage_ == VotingStage::kVoting) return out;
  for (const auto peer : connected) {
    if (peer == self_ || answered_.contains(peer)) continue;
    const auto asked = asked_at_.find(peer);
    if (asked != asked_at_.end() && now < asked->second + kStandingAskInterval) continue;
    asked_at_.insert_or_assign(peer, now);
    out.push_back(peer);
  }
  return out;
}

std::optional<base::TimePoint> VoteGuard::deadline(const std::set<PeerIndex>& connected) const {
  std::optional<base::TimePoint> out;
  if (stage_ == VotingStage::kVoting) return out;
  for (const auto& [peer, at] : asked_at_) {
    if (!connected.contains(peer) || answered_.contains(peer)) continue;
    const auto again = at + kStandingAskInterval;
    out = out ? std::min(*out, again) : again;
  }
  return out;
}

void VoteGuard::on_replaced(PeerIndex peer) {
  if (stage_ != VotingStage::kVoting && peer != self_) ++replaced_[peer];
}

std::optional<std::string> VoteGuard::key_in_use() const {
  if (foreign_) {
    return "a vote of view " + std::to_string(foreign_->view().value) +
           " under this validator's key was made while this process did not vote";
  }
  const auto replaced = std::ranges::count_if(
      replaced_, [](const auto& each) { return each.second >= kReplacedTimes; });
  if (replaced <= faulty_max_) return std::nullopt;
  return std::to_string(replaced) +
         " validators keep replacing this process's connections by newer ones";
}

bool VoteGuard::is_known(const Subject& own) const {
  return own.view() <= finalized_at_start_ || journaled_.contains(own);
}

void VoteGuard::take(PeerIndex from, const Standing& standing) {
  if (stage_ == VotingStage::kVoting || from == self_) return;
  for (const auto& vote : standing.votes) {
    if (vote.signer == self_) notice(vote.subject);
  }
  if (stage_ == VotingStage::kListening) return;  // and is asked again
  answered_.insert(from);
  if (stage_ == VotingStage::kConfirming) return;
  for (const auto& certificate : standing.certificates)
    proved_ = std::max(proved_, certificate.subject.view().next());
}

void VoteGuard::notice(const Subject& own) {
  switch (stage_) {
    case VotingStage::kVoting: return;
    case VotingStage::kAsking:
      if (is_known(own)) return;
      unknown_ = newest_ = own;
      return on_incomplete();
    case VotingStage::kLocating:
      if (!newest_ || own.view() > newest_->view()) newest_ = own;
      return;
    case VotingStage::kListening:
    case VotingStage::kConfirming: return suspect(own);
  }
}

// REQUIRES: proved_ is W.
void VoteGuard::suspect(const Subject& own) {
  if (own.view() > proved_.next() && !foreign_) foreign_ = own;
}

void VoteGuard::on_incomplete() {
  if (stage_ == VotingStage::kAsking) stage_ = VotingStage::kLocating;
}

std::optional<Subject> VoteGuard::take_unknown() { return std::exchange(unknown_, std::nullopt); }

void VoteGuard::ask_again(VotingStage stage) {
  stage_ = stage;
  answered_.clear();
  asked_at_.clear();
}

void VoteGuard::advance(View finalized) {
  if (stage_ == VotingStage::kLocating && is_answered()) {
    if (newest_) suspect(*newest_);
    ask_again(VotingStage::kListening);
  }
  if (stage_ == VotingStage::kListening && finalized >= final_wanted())
    ask_again(VotingStage::kConfirming);
}

bool VoteGuard::opens(View finalized) {
  if (stage_ == VotingStage::kVoting) return false;
  if (validators_ == 1 && !remembers()) return false;  // nobody can tell it what it promised
  advance(finalized);
  const bool asks_last = stage_ == VotingStage::kAsking || stage_ == VotingStage::kConfirming;
  if (key_in_use() || !asks_last || !is_answered()) return false;
  stage_ = VotingStage::kVoting;
  return true;
}

VotingStatus VoteGuard::status() const {
  VotingStatus out;
  out.stage = stage_;
  const auto needed = answers_needed();
  out.answers_missing = needed - std::min(needed, static_cast<std::uint32_t>(answered_.size()));
  if (stage_ == VotingStage::kListening) out.final_wanted = final_wanted();
  out.can_rejoin = faulty_max_ > 0;
  return out;
}

void VoteWitness::keep(Newest& newest, const consensus::Vote& vote) {
  auto& slot = newest[static_cast<std::size_t>(vote.subject.kind)];
  if (!slot || slot->subject.view() < vote.subject.view()) slot = vote;
}

void VoteWitness::saw(const consensus::Vote& vote) { keep(votes_[vote.signer], vote); }

std::vector<consensus::Vote> VoteWitness::newest(PeerIndex signer,
                                                 const std::vector<consensus::Vote>& others) const {
  const auto found = votes_.find(signer);
  Newest newest = found == votes_.end() ? Newest{} : found->second;
  for (const auto& vote : others) keep(newest, vote);
  std::vector<consensus::Vote> out;
  for (const auto& vote : newest) {
    if (vote) out.push_back(*vote);
  }
  return out;
}

}  // namespace peerpay::node
