#include "consensus/engine.h"

#include <utility>

#include "base/check.h"
#include "consensus/engine_state.h"

namespace peerpay::consensus {

std::optional<std::string_view> Config::invalid_reason() const {
  constexpr base::Duration kZero;
  if (leader_timeout <= kZero) return "leader_timeout must be above zero";
  if (certification_timeout <= leader_timeout) {
    return "certification_timeout must be above leader_timeout";
  }
  if (skip_timeout <= certification_timeout) {
    return "skip_timeout must be above certification_timeout";
  }
  if (retry_interval <= kZero) return "retry_interval must be above zero";
  if (skip_timeout <= retry_interval) return "skip_timeout must be above retry_interval";
  if (timeout_max < certification_timeout)
    return "timeout_max must not be below certification_timeout";
  if (timeout_max > base::seconds(3600)) return "timeout_max must not be above one hour";
  if (block_interval_min < kZero) return "block_interval_min must not be negative";
  if (block_interval_min >= leader_timeout)
    return "block_interval_min must be below leader_timeout";
  return std::nullopt;
}

Engine::State::State(const Config& config_in, const Context& context_in, ValidatorSet validators_in,
                     std::optional<ValidatorIndex> self_in)
    : config{config_in},
      context{context_in},
      validators{std::move(validators_in)},
      self{self_in},
      leader_timeout{config.leader_timeout, config.timeout_max},
      certification_timeout{config.certification_timeout, config.timeout_max},
      activity{validators.size()},
      helped_at(validators.size()) {
  PEERPAY_CHECK(!config.invalid_reason(), "the config was validated");
  PEERPAY_CHECK(!self || validators.contains(*self), "a validator is a member of its set");
}

ViewState* Engine::State::find(View at) {
  const auto found = views.find(at);
  return found == views.end() ? nullptr : &found->second;
}

const ViewState* Engine::State::find(View at) const {
  const auto found = views.find(at);
  return found == views.end() ? nullptr : &found->second;
}

ViewState& Engine::State::open(View at) {
  return views.try_emplace(at, validators.size()).first->second;
}

void Engine::State::send(std::optional<ValidatorIndex> to, const Certificate& certificate) {
  if (validators.size() == 1) return;
  effects.send.push_back({to, certificate});
}

// Rule C32: the bounds on what a vote may make us keep.
bool Engine::State::admits(View at) const {
  if (at.value > view.value + kVotesAheadMax) return false;
  if (at.value + kViewsRetained <= finalized.value) return false;
  if (find(at) != nullptr) return true;
  return at > finalized && at.value + kVotesBehindMax > view.value;
}

void Engine::State::on_vote(const Vote& vote) {
  if (!validators.contains(vote.signer)) return;
  if (is_self(vote.signer)) notice_own_vote(vote.subject);
  activity.heard(vote.signer, now);
  if (admits(vote.subject.view())) {
    count_vote(vote);
    return;
  }
  ++stats.votes_ignored;
  if (vote.subject.view() <= finalized) help_straggler(vote);
}

void Engine::State::count_vote(const Vote& vote) {
  const View at = vote.subject.view();
  const bool is_leader = vote.signer == leader_of(at);
  ViewState& state = open(at);
  // Asked of the votes, not of the evidence: the leader may have been accused of something else.
  const bool proposes = is_leader && vote.subject.kind == VoteKind::kNotarize;
  const Vote* proposed = proposes ? state.tally.find(VoteKind::kNotarize, vote.signer) : nullptr;
  if (proposed != nullptr && proposed->subject != vote.subject)
    state.leader_equivocated = state.hopeless = true;
  auto added = state.tally.add(vote);
  if (added.evidence) effects.evidence.push_back(*std::move(added.evidence));
  if (!added.counted) {
    ++stats.votes_ignored;
    if (at < view) help_straggler(vote);
    return;
  }
  ++stats.votes_counted;
  if (proposes) learn_proposal(at, vote.subject.proposal);
  const auto quorum = validators.quorum();
  if (at <= finalized || state.certificate(vote.subject.kind)) return;
  if (state.tally.count(vote.subject) < quorum) return;
  add_certificate(
      make_certificate(validators, vote.subject, state.tally.votes(vote.subject, quorum)),
      Source::kMade);
}

void Engine::State::learn_proposal(View at, const Proposal& proposal) {
  ViewState& state = open(at);
  if (!state.proposed_at) state.proposed_at = now;
  if (at == view) timers.disarm(Timer::kLeader);
  if (state.proposal && *state.proposal != proposal) {
    state.leader_equivocated = state.hopeless = true;
    return;
  }
  state.proposal = proposal;
}

void Engine::State::notice_own_vote(const Subject& subject) {
  if (subject.view() <= finalized) return;
  const ViewState* state = find(subject.view());
  if (state != nullptr && state->own.contains(subject)) return;
  mute_for(subject);
}

void Engine::State::mute_for(const Subject& unknown) {
  if (!self || incomplete) return;  // told once
  incomplete = muted = true;
  // Nothing is left to be in time for; repair() arms its own again.
  stop_view_timers();
  timers = {};
  unknown_own_vote = unknown;
  effects.persist.push_back(UnknownOwnVote{unknown});
}

// Rule C8: from here on the votes of the current view are as after a restart.
void Engine::State::open_voting(View through) {
  if (!self || !muted) return;
  if (incomplete) {
    rejoined_through = std::max(rejoined_through, through);
    effects.persist.push_back(Rejoined{rejoined_through});
  }
  incomplete = muted = false;
  unknown_own_vote.reset();
  repeat_vote();
}

Permission Engine::State::may_sign_now(const Subject& subject) const {
  if (muted) return Permission::kViewClosed;
  SafetyFacts facts;
  facts.closed_through = std::max(finalized, rejoined_through);
  if (const ViewState* state = find(subject.view()); state != nullptr) {
    facts.own = state->own;
    facts.leader_equivocated = state->leader_equivocated;
    facts.notarized_by_quorum = state->notarized();
    facts.certified = state->certification == Certification::kCertified;
  }
  return may_sign(facts, subject);
}

void Engine::State::vote(const Subject& subject) {
  if (!self || may_sign_now(subject) != Permission::kAllowed) return;
  open(subject.view()).own.record(subject);
  effects.persist.push_back(OwnVote{subject});
  effects.sign.push_back(subject);
}

void Engine::State::sign_again(const Subject& subject) {
  if (!muted) effects.sign.push_back(subject);
}

// Rule C11.
void Engine::State::consider_proposal() {
  ViewState& state = current();
  if (!state.proposal || is_self(leader_of(view))) return;
  if (state.own.notarized || state.own.nullified || state.verifying || state.hopeless) return;
  if (state.certificate(VoteKind::kNotarize)) return;
  const auto ancestry = ancestry_of(*state.proposal);
  if (ancestry.impossible) state.hopeless = true;
  if (!ancestry.is_complete()) return;
  state.verifying = true;
  effects.app.push_back(VerifyRequest{*state.proposal, certified_proposal(state.proposal->parent)});
}

// Rule C10.
void Engine::State::consider_proposing() {
  timers.disarm(Timer::kPropose);
  if (!is_self(leader_of(view)) || !(work || is_overdue())) return;
  ViewState& state = current();
  if (state.parent_offered || state.proposal || state.own.any() || state.hopeless) return;
  if (nullified.first_missing(certified_max.next(), view)) return;  // repair() asks for it
  const ViewState* parent = find(certified_max);
  if (parent != nullptr && parent->proposed_at) {
    const auto earliest = *parent->proposed_at + config.block_interval_min;
    if (now < earliest) return timers.arm(Timer::kPropose, earliest);
  }
  state.parent_offered = certified_max;
  state.proposed_at = now;
  effects.app.push_back(ProposeRequest{view, certified_proposal(certified_max)});
}

void Engine::State::on_proposed(View at, const std::optional<Digest>& digest) {
  if (at != view) return;
  ViewState& state = current();
  if (!state.parent_offered || state.own.notarized) return;
  if (!digest) {
    state.hopeless = true;
    return;
  }
  const Proposal proposal{view, *state.parent_offered, *digest};
  if (may_sign_now(Subject::notarize(proposal)) != Permission::kAllowed) return;
  learn_proposal(view, proposal);
  vote(Subject::notarize(proposal));
}

void Engine::State::on_verified(const Proposal& proposal, bool valid) {
  if (proposal.view != view) return;
  ViewState& state = current();
  if (!state.verifying || state.proposal != proposal) return;
  if (!valid) {
    state.hopeless = true;
    return;
  }
  if (!ancestry_of(proposal).is_complete()) return;
  vote(Subject::notarize(proposal));
}

// Rule C13.
void Engine::State::on_certified(const Proposal& proposal, bool certified) {
  if (proposal.view <= finalized) return;
  ViewState* state = find(proposal.view);
  if (state == nullptr || state->certification != Certification::kRunning) return;
  if (state->notarized() != proposal) return;
  effects.persist.push_back(CertifyVerdict{proposal, certified});
  if (!certified) {
    state->certification = Certification::kRefused;
    state->hopeless = true;
    return;
  }
  state->certification = Certification::kCertified;
  settled.insert(proposal.view);
  if (proposal.view > certified_max) {
    certified_max = proposal.view;
    restart_grace();
  }
  vote(Subject::finalize(proposal));
  if (proposal.view >= view) enter(proposal.view.next());
}

Proposal Engine::State::certified_proposal(View at) const {
  if (at.value == 0) return Proposal{};
  if (finalization && finalization->subject.view() == at) return finalization->subject.proposal;
  const ViewState* state = find(at);
  PEERPAY_CHECK(state != nullptr && state->notarized(), "a certified view holds its notarization");
  return *state->notarized();
}

void Engine::State::act() {
  if (stopped || !self) return;
  if (muted) return repair();
  keep_time();
  consider_proposal();
  consider_proposing();
  consider_giving_up();
  repair();
}

// --- The public face: one frame for every event ---

Engine::Engine(const Config& config, const Context& context, ValidatorSet validators,
               std::optional<ValidatorIndex> self)
    : state_{std::make_unique<State>(config, context, std::move(validators), self)} {}
Engine::~Engine() = default;

template <class Note>
Effects Engine::handle(base::TimePoint now, Note note) {
  State& state = *state_;
  PEERPAY_CHECK(state.started, "start() comes first");
  if (state.stopped) return {};
  state.now = now;
  note(state);
  state.act();
  return std::exchange(state.effects, {});
}

Effects Engine::start(std::span<const SafetyRecord> journal,
                      const std::optional<Certificate>& floor, base::TimePoint now, Voting voting) {
  PEERPAY_CHECK(!state_->started, "start() comes once");
  state_->started = true;
  return handle(now, [&](State& state) { state.restore(journal, floor, voting); });
}

Effects Engine::open_voting(View through, base::TimePoint now) {
  return handle(now, [&](State& state) { state.open_voting(through); });
}

Effects Engine::on_unknown_own_vote(const Subject& subject, base::TimePoint now) {
  return handle(now, [&](State& state) { state.mute_for(subject); });
}

Effects Engine::on_vote(const Vote& vote, base::TimePoint now) {
  return handle(now, [&](State& state) { state.on_vote(vote); });
}

Effects Engine::on_certificate(const Certificate& certificate, base::TimePoint now) {
  return handle(now, [&](State& state) { state.add_certificate(certificate, Source::kReceived); });
}

Effects Engine::on_repair_request(ValidatorIndex from, const RepairRequest& request,
                                  base::TimePoint now) {
  return handle(now, [&](State& state) {
    if (state.validators.contains(from) && !state.is_self(from)) state.serve(from, request.view);
  });
}

Effects Engine::on_peer_connected(ValidatorIndex peer, base::TimePoint now) {
  return handle(now, [&](State& state) {
    if (!state.validators.contains(peer) || state.is_self(peer)) return;
    state.push_best(peer);
    state.repeat_vote();
  });
}

Effects Engine::on_proposed(View view, const std::optional<Digest>& digest, base::TimePoint now) {
  return handle(now, [&](State& state) { state.on_proposed(view, digest); });
}

Effects Engine::on_verified(const Proposal& proposal, bool valid, base::TimePoint now) {
  return handle(now, [&](State& state) { state.on_verified(proposal, valid); });
}

Effects Engine::on_certified(const Proposal& proposal, bool certified, base::TimePoint now) {
  return handle(now, [&](State& state) { state.on_certified(proposal, certified); });
}

Effects Engine::on_work(bool pending, base::TimePoint now) {
  return handle(now, [&](State& state) { state.work = pending; });
}

Effects Engine::on_timer(base::TimePoint now) {
  return handle(now, [&](State& state) { state.on_timer(); });
}

std::optional<base::TimePoint> Engine::deadline() const {
  if (state_->stopped) return std::nullopt;
  return state_->timers.earliest();
}

View Engine::view() const { return state_->view; }
View Engine::finalized() const { return state_->finalized; }
const std::optional<Certificate>& Engine::finalization() const { return state_->finalization; }
ValidatorIndex Engine::leader() const { return state_->leader_of(state_->view); }
bool Engine::is_muted() const { return state_->muted; }
std::vector<Certificate> Engine::standing() const { return state_->standing(); }
std::vector<Vote> Engine::certified_votes(ValidatorIndex signer) const {
  return state_->certified_votes(signer);
}
const EngineStats& Engine::stats() const { return state_->stats; }
std::size_t Engine::views_held() const { return state_->views.size(); }
std::vector<SafetyRecord> Engine::journal() const { return state_->journal(); }

}  // namespace peerpay::consensus
