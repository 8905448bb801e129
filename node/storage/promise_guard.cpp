#include "node/storage/promise_guard.h"

#include <algorithm>

#include "base/check.h"

namespace peerpay::storage {

using consensus::Subject;
using consensus::View;
using consensus::VoteKind;

std::string_view sentence(PromiseConflict conflict) {
  switch (conflict) {
    case PromiseConflict::kNotarizeAfterNotarize:
      return "Another proposal was notarized in this view.";
    case PromiseConflict::kNotarizeAfterNullify:
      return "This view was nullified, so nothing may be notarized in it.";
    case PromiseConflict::kNotarizeAfterFinalize:
      return "Another proposal was finalized in this view.";
    case PromiseConflict::kNullifyAfterFinalize:
      return "A finalize vote was made in this view, so it may never be nullified.";
    case PromiseConflict::kFinalizeAfterNullify:
      return "This view was nullified, so nothing may be finalized in it.";
    case PromiseConflict::kFinalizeAfterFinalize:
      return "Another proposal was finalized in this view.";
    case PromiseConflict::kForgotten:
      return "The votes of this view were dropped, so none may be added.";
  }
  PEERPAY_UNREACHABLE("every PromiseConflict has a sentence");
}

bool PromiseGuard::repeats(const Votes& votes, const Subject& vote) {
  switch (vote.kind) {
    case VoteKind::kNotarize: return votes.notarize == vote.proposal;
    case VoteKind::kNullify: return votes.nullify;
    case VoteKind::kFinalize: return votes.finalize == vote.proposal;
  }
  PEERPAY_UNREACHABLE("every VoteKind is handled");
}

std::optional<PromiseConflict> PromiseGuard::conflict(const Subject& vote) const {
  const auto found = votes_.find(vote.view());
  const Votes votes = found == votes_.end() ? Votes{} : found->second;
  if (repeats(votes, vote)) return std::nullopt;
  if (vote.view() <= floor_) return PromiseConflict::kForgotten;
  switch (vote.kind) {
    case VoteKind::kNotarize:
      if (votes.notarize) return PromiseConflict::kNotarizeAfterNotarize;
      if (votes.nullify) return PromiseConflict::kNotarizeAfterNullify;
      if (votes.finalize && *votes.finalize != vote.proposal) {
        return PromiseConflict::kNotarizeAfterFinalize;
      }
      return std::nullopt;
    case VoteKind::kNullify:
      if (votes.finalize) return PromiseConflict::kNullifyAfterFinalize;
      return std::nullopt;
    case VoteKind::kFinalize:
      if (votes.nullify) return PromiseConflict::kFinalizeAfterNullify;
      if (votes.finalize) return PromiseConflict::kFinalizeAfterFinalize;
      return std::nullopt;
  }
  PEERPAY_UNREACHABLE("every VoteKind is handled");
}

void PromiseGuard::keep(const Subject& vote) {
  Votes& votes = votes_[vote.view()];
  switch (vote.kind) {
    case VoteKind::kNotarize: votes.notarize = vote.proposal; return;
    case VoteKind::kNullify: votes.nullify = true; return;
    case VoteKind::kFinalize: votes.finalize = vote.proposal; return;
  }
}

std::optional<PromiseGuard::Refusal> PromiseGuard::keep_all(
    std::span<const consensus::SafetyRecord> records) {
  for (const auto& record : records) {
    if (const auto* rejoined = std::get_if<consensus::Rejoined>(&record))
      raise_floor(rejoined->through);
    const auto* vote = std::get_if<consensus::OwnVote>(&record);
    if (vote == nullptr) continue;
    if (const auto found = conflict(vote->subject)) return Refusal{*found, vote->subject.view()};
    keep(vote->subject);
  }
  return std::nullopt;
}

void PromiseGuard::raise_floor(View floor) { floor_ = std::max(floor_, floor); }

View PromiseGuard::view_highest() const {
  return votes_.empty() ? floor_ : std::max(floor_, votes_.rbegin()->first);
}

bool PromiseGuard::holds(const Votes& votes, const Votes& others) {
  return (!others.notarize || votes.notarize == others.notarize) &&
         (!others.finalize || votes.finalize == others.finalize) &&
         (!others.nullify || votes.nullify);
}

View PromiseGuard::view_highest_not_in(const PromiseGuard& kept) const {
  for (auto it = votes_.rbegin(); it != votes_.rend(); ++it) {
    const auto found = kept.votes_.find(it->first);
    if (found == kept.votes_.end() || !holds(found->second, it->second)) return it->first;
  }
  return View{};
}

}  // namespace peerpay::storage
