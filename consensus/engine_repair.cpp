// Filling gaps and helping others to: rules C11 and C21 to C26.
#include <algorithm>
#include <variant>

#include "consensus/engine_state.h"

namespace peerpay::consensus {

Engine::State::Ancestry Engine::State::ancestry_of(const Proposal& proposal) const {
  Ancestry out;
  const View parent = proposal.parent;
  if (parent >= proposal.view || parent < finalized) {
    out.impossible = true;
    return out;
  }
  if (parent > finalized) {
    const ViewState* state = find(parent);
    const auto certification = state == nullptr ? Certification::kNone : state->certification;
    out.impossible = certification == Certification::kRefused;
    out.awaits_certification = certification == Certification::kRunning;
    if (certification == Certification::kNone) out.missing.push_back(parent);
  }
  auto gap = nullified.first_missing(parent.next(), proposal.view);
  while (gap && out.missing.size() < kRepairsMax) {
    out.missing.push_back(*gap);
    gap = nullified.first_missing(gap->next(), proposal.view);
  }
  return out;
}

// Rules C21 and C22. At most 2 * kRepairsMax, without repetitions.
std::vector<Want> Engine::State::wants_now() const {
  std::vector<Want> out;
  const ViewState* state = find(view);
  const bool is_pending = state != nullptr && state->proposal && !state->hopeless &&
                          !state->verifying && !state->own.any() &&
                          !state->certificate(VoteKind::kNotarize);
  const auto leader = leader_of(view);
  if (is_pending && !is_self(leader)) {
    for (const View missing : ancestry_of(*state->proposal).missing)
      out.push_back({missing, leader});
  }
  auto gap = settled.first_missing(finalized.next(), view);
  for (std::size_t count = 0; gap && count < kRepairsMax; ++count) {
    out.push_back({*gap, {}});
    gap = settled.first_missing(gap->next(), view);
  }
  return out;
}

void Engine::State::repair() {
  if (validators.size() == 1) return;
  auto wanted = wants_now();
  if (wanted.empty() && asked.empty()) return;
  std::sort(wanted.begin(), wanted.end());
  std::erase_if(asked, [&](const auto& entry) {
    return !std::binary_search(wanted.begin(), wanted.end(), entry.first);
  });
  std::optional<base::TimePoint> next;
  for (const Want& want : wanted) {
    const auto [entry, is_new] = asked.try_emplace(want, now);
    if (is_new || entry->second + config.retry_interval <= now) {
      entry->second = now;
      ask(want);
    }
    const auto again = entry->second + config.retry_interval;
    if (!next || again < *next) next = again;
  }
  timers.disarm(Timer::kRepair);
  if (next) timers.arm(Timer::kRepair, *next);
}

void Engine::State::ask(const Want& want) {
  ++stats.repairs_requested;
  auto peer = want.holder;
  if (!peer) {
    const auto others = validators.size() - 1;
    const auto step = 1 + static_cast<std::uint32_t>(asks++ % others);
    peer = ValidatorIndex{(self->value + step) % validators.size()};
  }
  effects.send.push_back({peer, RepairRequest{want.view}});
}

// Rule C23. Both a certified notarization and a nullification may exist; only the asker knows which
// of the two it needs.
void Engine::State::serve(ValidatorIndex to, View at) {
  if (at <= finalized) {
    if (finalization) send(to, *finalization);
    return;
  }
  const ViewState* state = find(at);
  if (state == nullptr) return;
  if (state->certification == Certification::kCertified) {
    send(to, *state->certificate(VoteKind::kNotarize));
  }
  if (const auto& nullification = state->certificate(VoteKind::kNullify)) send(to, *nullification);
}

// Rule C24.
void Engine::State::help_straggler(const Vote& vote) {
  if (!self || is_self(vote.signer)) return;
  auto& helped = helped_at[vote.signer.value];
  if (helped && now - *helped < config.retry_interval) return;
  helped = now;
  ++stats.stragglers_helped;
  serve(vote.signer, vote.subject.view());
}

std::vector<Certificate> Engine::State::standing() const {
  std::vector<Certificate> out;
  if (finalization) out.push_back(*finalization);
  const View before{view.value - 1};
  const ViewState* state = before > finalized ? find(before) : nullptr;
  if (state == nullptr) return out;
  const auto& nullification = state->certificate(VoteKind::kNullify);
  const auto& entry = nullification ? nullification : state->certificate(VoteKind::kNotarize);
  if (entry) out.push_back(*entry);
  return out;
}

std::vector<Vote> Engine::State::certified_votes(ValidatorIndex signer) const {
  std::vector<Vote> out;
  for (std::size_t kind = 0; kind < kVoteKinds; ++kind) {
    for (auto next = views.rbegin(); next != views.rend(); ++next) {
      const auto& certificate = next->second.certificates[kind];
      auto vote = certificate ? vote_in(*certificate, signer) : std::nullopt;
      if (!vote) continue;
      out.push_back(*vote);
      break;
    }
  }
  return out;
}

void Engine::State::push_best(std::optional<ValidatorIndex> to) {
  for (const auto& certificate : standing()) send(to, certificate);
}

// Rule C25. Views in turn, so that a bounded share at a time still covers everything.
void Engine::State::rebroadcast() {
  if (finalization) send({}, *finalization);
  const auto above = views.upper_bound(finalized);
  auto next = views.lower_bound(std::max(rebroadcast_from, finalized.next()));
  if (next == views.end()) next = above;
  std::size_t messages = 0;
  for (; next != views.end() && messages < kRebroadcastMax; ++next) {
    const ViewState& state = next->second;
    for (const auto& certificate : state.certificates) {
      if (!certificate) continue;
      send({}, *certificate);
      ++messages;
    }
    if (state.own.finalized) {
      sign_again(Subject::finalize(*state.own.finalized));
      ++messages;
    }
  }
  rebroadcast_from = next == views.end() ? View{0} : next->first;
}

}  // namespace peerpay::consensus
