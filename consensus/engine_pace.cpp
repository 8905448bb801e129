// When to wait, when to give a view up, when to repeat: rules C17 to C20, C25, C27, C28.
#include "consensus/engine_state.h"

namespace peerpay::consensus {

void Engine::State::on_timer() {
  const bool leader_late = timers.fire(Timer::kLeader, now);
  const bool certification_late = timers.fire(Timer::kCertification, now);
  if (leader_late || certification_late) give_up();
  if (timers.fire(Timer::kRetry, now)) resend();
  if (timers.fire(Timer::kGrace, now)) grace_elapsed();
  if (timers.fire(Timer::kStandstill, now)) {
    ++stats.standstills;
    rebroadcast();
  }
}

// Rule C27: whether anybody, as far as we see, has something to order. A vote of the next view
// tells that others went on.
bool Engine::State::is_busy() const {
  if (work || is_overdue()) return true;
  const ViewState* here = find(view);
  if (here != nullptr && here->is_touched()) return true;
  const ViewState* ahead = find(view.next());
  return ahead != nullptr && ahead->is_touched();
}

void Engine::State::keep_time() {
  const bool busy = is_busy();
  activity.set_busy(busy, now);
  if (busy && timed_view != view) start_view_timers();
  if (busy && !timers.armed(Timer::kStandstill)) {
    timers.arm(Timer::kStandstill, now + config.retry_interval * kStandstillRetries);
  }
  if (!busy) {
    stop_view_timers();
    timers.disarm(Timer::kStandstill);
  }
  if (busy || !is_unsettled()) {
    timers.disarm(Timer::kGrace);
  } else if (!timers.armed(Timer::kGrace)) {
    timers.arm(Timer::kGrace, now + config.retry_interval);
  }
}

void Engine::State::start_view_timers() {
  timed_view = view;
  const ViewState& state = current();
  if (state.own.nullified) {
    timers.arm(Timer::kRetry, now + config.retry_interval);
  } else {
    if (!state.proposal) timers.arm(Timer::kLeader, now + leader_timeout.value());
    timers.arm(Timer::kCertification, now + certification_timeout.value());
  }
}

void Engine::State::stop_view_timers() {
  timed_view.reset();
  timers.disarm(Timer::kLeader);
  timers.disarm(Timer::kCertification);
  timers.disarm(Timer::kRetry);
}

// Rule C18: not waiting for a time-out that is certain. After a whole rotation of nullified views
// only the time-outs count, so that a network that can't order anything does not spin.
void Engine::State::consider_giving_up() {
  if (timed_view != view || timers.armed(Timer::kRetry)) return;
  if (nullified_in_a_row >= validators.size()) return;
  if (current().hopeless || leader_gave_up() || an_honest_one_gave_up() || leader_is_silent()) {
    give_up();
  }
}

bool Engine::State::leader_gave_up() const {
  const ViewState* state = find(view);
  const auto leader = leader_of(view);
  return !is_self(leader) && state != nullptr &&
         state->tally.find(VoteKind::kNullify, leader) != nullptr;
}

// More than f gave up, so an honest one did: what is left can't finalize the view without the
// Byzantine, and whoever comes late need not wait for its own time-out.
bool Engine::State::an_honest_one_gave_up() const {
  const ViewState* state = find(view);
  return state != nullptr && state->tally.count(Subject::nullify(view)) > validators.faulty_max();
}

// Rule C20. With fewer than a quorum active the silence is ours rather than the leader's.
bool Engine::State::leader_is_silent() const {
  const auto leader = leader_of(view);
  if (is_self(leader) || !activity.is_silent(leader, config.skip_timeout, now)) return false;
  return activity.active_count(config.skip_timeout, now) >= validators.quorum();
}

void Engine::State::give_up() {
  timers.disarm(Timer::kLeader);
  timers.disarm(Timer::kCertification);
  timers.arm(Timer::kRetry, now + config.retry_interval);
  vote(Subject::nullify(view));
}

// Rule C19. Signing again also feeds our own tally, which a crash may have emptied. A notarize vote
// is not repeated: one that was journaled but never sent would leave after the nullify.
void Engine::State::resend() {
  if (current().own.nullified) sign_again(Subject::nullify(view));
  push_best({});
  timers.arm(Timer::kRetry, now + config.retry_interval);
}

// Rule C26: what a peer may have missed while it was away. The notarize vote goes only while no
// nullify could have gone before it.
void Engine::State::repeat_vote() {
  if (!self) return;
  const OwnVotes& own = current().own;
  if (own.nullified) {
    sign_again(Subject::nullify(view));
  } else if (own.notarized) {
    sign_again(Subject::notarize(*own.notarized));
  }
}

// Rule C28: who nullified a view never finalizes it (C5), unless it is Byzantine. More than f of
// them, and no quorum is left that should: at worst one block comes that was not needed.
bool Engine::State::is_newest_lost() const {
  if (!is_unsettled()) return false;
  const ViewState* newest = find(certified_max);
  const auto gave_up = Subject::nullify(certified_max);
  return newest != nullptr && (newest->certificate(VoteKind::kNullify) ||
                               newest->tally.count(gave_up) > validators.faulty_max());
}

// Rule C28: a block that was certified just now is given its time, an older one has had it.
void Engine::State::restart_grace() {
  grace_rounds = 0;
  timers.disarm(Timer::kGrace);
}

void Engine::State::grace_elapsed() {
  ++grace_rounds;
  if (!is_overdue()) rebroadcast();
}

}  // namespace peerpay::consensus
