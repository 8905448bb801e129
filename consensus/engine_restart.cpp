// From the journal to a running engine, and back: rule C29.
#include <algorithm>
#include <variant>

#include "base/check.h"
#include "consensus/engine_state.h"

namespace peerpay::consensus {
namespace {

// The newest finalization among the records; null if there is none.
const Certificate* newest_finalization(std::span<const SafetyRecord> journal) {
  const Certificate* newest = nullptr;
  for (const auto& record : journal) {
    const auto* held = std::get_if<HeldCertificate>(&record);
    if (held == nullptr || held->certificate.subject.kind != VoteKind::kFinalize) continue;
    if (newest == nullptr || held->certificate.subject.view() > newest->subject.view()) {
      newest = &held->certificate;
    }
  }
  return newest;
}

}  // namespace

void Engine::State::restore(std::span<const SafetyRecord> journal,
                            const std::optional<Certificate>& floor, Voting voting) {
  restore_completeness(journal);
  muted = self && (incomplete || voting == Voting::kMuted);
  const Certificate* newest = newest_finalization(journal);
  const View floor_view = floor ? floor->subject.view() : View{0};
  PEERPAY_CHECK(!floor || floor->subject.kind == VoteKind::kFinalize,
                "the floor is a finalization");
  const View journal_view = newest != nullptr ? newest->subject.view() : View{0};
  if (floor_view > journal_view) {
    finalization = floor;
    effects.persist.push_back(HeldCertificate{*floor});
  } else if (newest != nullptr) {
    finalization = *newest;
    if (floor_view < journal_view) effects.commit.push_back({*newest});
  }
  finalized = certified_max = std::max(floor_view, journal_view);
  if (finalization)
    open(finalized).certificates[static_cast<std::size_t>(VoteKind::kFinalize)] = finalization;
  view = finalized.next();
  for (const auto& record : journal) {
    if (view_of(record) <= finalized) continue;
    std::visit([this](const auto& fields) { restore_record(fields); }, record);
  }
  resume();
}

void Engine::State::restore_completeness(std::span<const SafetyRecord> journal) {
  incomplete = is_incomplete(journal);
  for (const auto& record : journal) {
    if (const auto* rejoined = std::get_if<Rejoined>(&record)) {
      rejoined_through = std::max(rejoined_through, rejoined->through);
      unknown_own_vote.reset();
    }
    const auto* unknown = std::get_if<UnknownOwnVote>(&record);
    if (unknown != nullptr && !unknown_own_vote) unknown_own_vote = unknown->subject;
  }
}

// A vote in a view proves that we were in it.
void Engine::State::restore_record(const OwnVote& record) {
  ViewState& state = open(record.subject.view());
  state.own.record(record.subject);
  if (record.subject.kind == VoteKind::kNotarize && !state.proposal) {
    state.proposal = record.subject.proposal;
  }
  view = std::max(view, record.subject.view());
}

void Engine::State::restore_record(const HeldCertificate& record) {
  const Subject& subject = record.certificate.subject;
  ViewState& state = open(subject.view());
  state.certificates[static_cast<std::size_t>(subject.kind)] = record.certificate;
  if (subject.kind == VoteKind::kNotarize) {
    state.leader_equivocated = state.proposal && *state.proposal != subject.proposal;
    if (!state.proposal) state.proposal = subject.proposal;
  }
  if (subject.kind != VoteKind::kNullify) return;
  nullified.insert(subject.view());
  settled.insert(subject.view());
  view = std::max(view, subject.view().next());
}

void Engine::State::restore_record(const CertifyVerdict& record) {
  const View at = record.proposal.view;
  ViewState& state = open(at);
  if (state.notarized() != record.proposal) return;
  state.certification = record.certified ? Certification::kCertified : Certification::kRefused;
  state.hopeless = !record.certified;
  if (!record.certified) return;
  settled.insert(at);
  certified_max = std::max(certified_max, at);
  view = std::max(view, at.next());
}

// The application forgot what it was asked: ask again.
void Engine::State::resume() {
  open(view);
  for (auto& [at, state] : views) {
    if (at <= finalized || !state.notarized()) continue;
    if (state.certification == Certification::kNone)
      request_certification(state, *state.notarized());
  }
}

std::vector<SafetyRecord> Engine::State::journal() const {
  std::vector<SafetyRecord> out;
  if (finalization) out.push_back(HeldCertificate{*finalization});
  for (auto next = views.upper_bound(finalized); next != views.end(); ++next) {
    const ViewState& state = next->second;
    for (const auto& certificate : state.certificates) {
      if (certificate) out.push_back(HeldCertificate{*certificate});
    }
    const bool certified = state.certification == Certification::kCertified;
    if (certified || state.certification == Certification::kRefused) {
      out.push_back(CertifyVerdict{*state.notarized(), certified});
    }
    if (state.own.notarized) out.push_back(OwnVote{Subject::notarize(*state.own.notarized)});
    if (state.own.nullified) out.push_back(OwnVote{Subject::nullify(next->first)});
    if (state.own.finalized) out.push_back(OwnVote{Subject::finalize(*state.own.finalized)});
  }
  // Last: no vote that is kept comes after it, at or below it.
  if (rejoined_through.value > 0) out.push_back(Rejoined{rejoined_through});
  if (unknown_own_vote) {
    out.push_back(UnknownOwnVote{*unknown_own_vote});
  } else if (incomplete) {
    out.push_back(HistoryLost{});
  }
  return out;
}

}  // namespace peerpay::consensus
