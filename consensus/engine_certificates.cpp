// What certificates change: rules C9 (views), C12 and C14 to C16, C30, C32.
#include <algorithm>

#include "base/check.h"
#include "consensus/engine_state.h"

namespace peerpay::consensus {

void Engine::State::add_certificate(const Certificate& certificate, Source source) {
  const View at = certificate.subject.view();
  const VoteKind kind = certificate.subject.kind;
  if (const Certificate* earlier = contradicted_by(certificate); earlier != nullptr) {
    stopped = true;
    effects.contradiction = Contradiction{*earlier, certificate};
    return;
  }
  if (at <= finalized) return;
  const bool is_held = find(at) != nullptr;
  if (!is_held && views.size() >= kViewsHeldMax && kind != VoteKind::kFinalize) return;
  ViewState& state = open(at);
  auto& slot = state.certificates[static_cast<std::size_t>(kind)];
  // Another copy says nothing new, unless it names us.
  if (self && is_signed_by(certificate, *self)) notice_own_vote(certificate.subject);
  if (slot) return;
  slot = certificate;
  effects.persist.push_back(HeldCertificate{certificate});
  if (source == Source::kMade) ++stats.certificates_made;
  // News to us may be news to others, whoever showed it to us. Answers about the past are not.
  if (self && (source == Source::kMade || at >= view)) send({}, certificate);
  switch (kind) {
    case VoteKind::kNotarize: return apply_notarization(certificate);
    case VoteKind::kNullify: return apply_nullification(at);
    case VoteKind::kFinalize: return apply_finalization(certificate);
  }
}

const Certificate* Engine::State::contradicted_by(const Certificate& certificate) const {
  const ViewState* state = find(certificate.subject.view());
  if (state == nullptr) return nullptr;
  for (const auto& earlier : state->certificates) {
    if (earlier && exclude_each_other(earlier->subject, certificate.subject)) return &*earlier;
  }
  return nullptr;
}

void Engine::State::apply_notarization(const Certificate& notarization) {
  const Proposal proposal = notarization.subject.proposal;
  ViewState& state = open(proposal.view);
  learn_proposal(proposal.view, proposal);
  request_certification(state, proposal);
}

void Engine::State::request_certification(ViewState& at, const Proposal& proposal) {
  at.certification = Certification::kRunning;
  effects.app.push_back(CertifyRequest{proposal});
}

void Engine::State::apply_nullification(View at) {
  ++stats.views_nullified;
  nullified.insert(at);
  settled.insert(at);
  if (at < view) return;
  ++nullified_in_a_row;
  leader_timeout.grow();
  certification_timeout.grow();
  enter(at.next());
}

void Engine::State::apply_finalization(const Certificate& finalization_in) {
  const View at = finalization_in.subject.view();
  PEERPAY_CHECK(at > finalized, "finality only moves forward");
  finalized = at;
  finalization = finalization_in;
  certified_max = std::max(certified_max, at);
  restart_grace();
  nullified.erase_through(at);
  settled.erase_through(at);
  if (at.value > kViewsRetained) {
    views.erase(views.begin(), views.upper_bound(View{at.value - kViewsRetained}));
  }
  nullified_in_a_row = 0;
  leader_timeout.reset();
  certification_timeout.reset();
  timers.disarm(Timer::kStandstill);
  effects.commit.push_back({finalization_in});
  if (at >= view) enter(at.next());
}

void Engine::State::enter(View next) {
  PEERPAY_CHECK(next > view, "views only move forward");
  view = next;
  stop_view_timers();
  timers.disarm(Timer::kPropose);
  open(view);
}

}  // namespace peerpay::consensus
