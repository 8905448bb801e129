#include "tests/unit/consensus/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace peerpay::consensus::test {
namespace {

void put(Digest& digest, std::size_t offset, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i) {
    digest.bytes[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

// Stated here again, so that an error in ValidatorSet does not hide itself.
std::uint32_t quorum_of(std::uint32_t validators) { return validators - (validators - 1) / 3; }

}  // namespace

ValidatorSet make_validators(std::uint32_t count) {
  std::vector<crypto::PublicKey> keys(count);
  for (std::uint32_t i = 0; i < count; ++i) keys[i].bytes[0] = static_cast<std::uint8_t>(i + 1);
  return ValidatorSet{std::move(keys)};
}

Digest make_digest(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  Digest out;
  put(out, 0, a);
  put(out, 8, b);
  put(out, 16, c);
  out.bytes[31] = 1;
  return out;
}

Vote unsigned_vote(const Subject& subject, std::uint32_t signer) {
  return Vote{subject, ValidatorIndex{signer}, {}};
}

Certificate unsigned_certificate(const ValidatorSet& validators, const Subject& subject,
                                 std::optional<std::vector<std::uint32_t>> signers) {
  if (!signers) {
    signers.emplace(quorum_of(validators.size()));
    std::iota(signers->begin(), signers->end(), 0U);
  }
  std::vector<Vote> votes;
  for (const auto signer : *signers) votes.push_back(unsigned_vote(subject, signer));
  return make_certificate(validators, subject, votes);
}

Cluster::Cluster(const ClusterOptions& options)
    : options_{options},
      validators_{make_validators(options.validators)},
      rng_{options.seed},
      nodes_(options.validators),
      group_(options.validators, 0) {
  blocks_[Digest{}] = Block{};
  restart_all();
}

// --- Faults and load ---

void Cluster::submit() {
  ++payments_;
  for (std::uint32_t node = 0; node < size(); ++node) {
    nodes_[node].payments_known = payments_;
    tell_work(node);
  }
}

void Cluster::submit_at(std::uint32_t node) {
  nodes_[node].payments_known = ++payments_;
  tell_work(node);
}

void Cluster::crash(std::uint32_t node) {
  nodes_[node].engine.reset();
  ++nodes_[node].incarnation;
}

void Cluster::restart(std::uint32_t node) {
  if (options_.adversary == node) return;
  Node& n = nodes_[node];
  ++n.incarnation;
  n.engine =
      std::make_unique<Engine>(options_.config, Context{{}, 0}, validators_, ValidatorIndex{node});
  n.tip = n.floor ? n.floor->subject.proposal : Proposal{};
  for (const auto& record : n.journal) {
    const auto* verdict = std::get_if<CertifyVerdict>(&record);
    if (verdict != nullptr && verdict->certified) n.tip = std::max(n.tip, verdict->proposal);
  }
  run(node, n.engine->start(n.journal, n.floor, now_));
  tell_work(node);
  for (std::uint32_t peer = 0; peer < size(); ++peer) {
    if (peer == node || !is_up(peer) || !is_up(node)) continue;
    run(peer, nodes_[peer].engine->on_peer_connected(ValidatorIndex{node}, now_));
    if (is_up(node)) run(node, nodes_[node].engine->on_peer_connected(ValidatorIndex{peer}, now_));
  }
}

void Cluster::restart_all() {
  for (std::uint32_t node = 0; node < size(); ++node) {
    if (!is_up(node)) restart(node);
  }
}

void Cluster::partition(const std::vector<std::set<std::uint32_t>>& groups) {
  for (std::uint32_t group = 0; group < groups.size(); ++group) {
    for (const auto node : groups[group]) group_[node] = group;
  }
}

void Cluster::heal() {
  std::fill(group_.begin(), group_.end(), 0);
  for (std::uint32_t a = 0; a < size(); ++a) {
    for (std::uint32_t b = 0; b < size(); ++b) {
      if (a != b && is_up(a)) run(a, nodes_[a].engine->on_peer_connected(ValidatorIndex{b}, now_));
    }
  }
}

void Cluster::stop_faults() {
  options_.drops_per_1000 = 0;
  options_.crashes_per_10000 = 0;
  drop_if = nullptr;
}

bool Cluster::connected(std::uint32_t a, std::uint32_t b) const { return group_[a] == group_[b]; }

// --- Running ---

void Cluster::at(base::TimePoint when, std::function<void()> event) {
  queue_.emplace(std::pair{when, events_++}, std::move(event));
}

bool Cluster::step(base::TimePoint limit) {
  auto next = limit;
  if (!queue_.empty()) next = std::min(next, queue_.begin()->first.first);
  std::optional<std::uint32_t> timer;
  for (std::uint32_t node = 0; node < size(); ++node) {
    if (!is_up(node)) continue;
    const auto deadline = engine(node).deadline();
    if (!deadline || *deadline >= next) continue;
    next = std::max(now_, *deadline);
    timer = node;
  }
  now_ = std::max(now_, next);
  if (timer) {
    run(*timer, nodes_[*timer].engine->on_timer(now_));
    const auto next_deadline = is_up(*timer) ? engine(*timer).deadline() : std::nullopt;
    if (next_deadline && *next_deadline <= now_) fail("a deadline that does not move on");
    return true;
  }
  if (queue_.empty() || queue_.begin()->first.first >= limit) return false;
  const auto event = std::move(queue_.begin()->second);
  queue_.erase(queue_.begin());
  event();
  return true;
}

void Cluster::run_for(base::Duration duration) {
  run_until([] { return false; }, duration);
}

bool Cluster::run_until(const std::function<bool()>& done, base::Duration limit) {
  const auto end = now_ + limit;
  while (violation_.empty()) {
    if (done()) return true;
    if (!step(end)) break;
  }
  EXPECT_EQ(violation_, "") << "seed " << options_.seed;
  return done();
}

bool Cluster::run_until_final(std::uint64_t payments, base::Duration limit) {
  return run_until(
      [&] {
        for (std::uint32_t node = 0; node < size(); ++node) {
          if (is_up(node) && payments_final(node) < payments) return false;
        }
        return true;
      },
      limit);
}

void Cluster::deliver(std::uint32_t node, const Vote& vote) {
  run(node, nodes_[node].engine->on_vote(vote, now_));
}

void Cluster::deliver(std::uint32_t node, const Certificate& certificate) {
  run(node, nodes_[node].engine->on_certificate(certificate, now_));
}

// As a shell does: make durable, sign, send, hand back, answer.
void Cluster::run(std::uint32_t node, Effects effects) {
  if (maybe_crash(node, effects)) return;
  Node& n = nodes_[node];
  for (auto& record : effects.persist) {
    if (const auto* held = std::get_if<HeldCertificate>(&record))
      check_certificate(held->certificate);
    n.journal.push_back(std::move(record));
  }
  if (effects.contradiction) fail("a contradiction was reported");
  for (auto& item : effects.evidence) evidence_.push_back(item);
  for (const auto& commit_effect : effects.commit) commit(node, commit_effect.finalization);
  for (const auto& message : effects.send) send(node, message);
  for (const auto& subject : effects.sign) {
    check_signed(node, subject);
    for (std::uint32_t to = 0; to < size(); ++to) {
      if (to != node) send_vote(node, to, unsigned_vote(subject, node));
    }
  }
  for (const auto& subject : effects.sign) {
    later(node, [this, node, subject] {
      run(node, nodes_[node].engine->on_vote(unsigned_vote(subject, node), now_));
    });
  }
  for (const auto& request : effects.app) {
    later(node, [this, node, request] { run_app(node, request); });
  }
}

void Cluster::later(std::uint32_t node, std::function<void()> event) {
  at(now_, [this, node, incarnation = nodes_[node].incarnation, event = std::move(event)] {
    if (is_up(node) && nodes_[node].incarnation == incarnation) event();
  });
}

// A crash before, during or after the sync, or in the middle of sending.
bool Cluster::maybe_crash(std::uint32_t node, const Effects& effects) {
  if (effects.persist.empty() || !rng_.chance(options_.crashes_per_10000, 10'000)) return false;
  const auto kept = rng_.between(0, effects.persist.size());
  auto& journal = nodes_[node].journal;
  journal.insert(journal.end(), effects.persist.begin(),
                 effects.persist.begin() + static_cast<std::ptrdiff_t>(kept));
  if (kept == effects.persist.size()) {
    for (const auto& subject : effects.sign) {
      if (rng_.chance(1, 2)) break;
      check_signed(node, subject);
      for (std::uint32_t to = 0; to < size(); ++to) {
        if (to != node && rng_.chance(1, 2)) send_vote(node, to, unsigned_vote(subject, node));
      }
    }
  }
  crash(node);
  at(now_ + base::milliseconds(static_cast<std::int64_t>(rng_.between(1, 3000))), [this, node] {
    if (!is_up(node)) restart(node);
  });
  return true;
}

// --- The application ---

void Cluster::run_app(std::uint32_t node, const AppRequest& request) {
  if (const auto* ask = std::get_if<ProposeRequest>(&request)) return propose(node, *ask);
  Engine& engine = *nodes_[node].engine;
  if (const auto* ask = std::get_if<VerifyRequest>(&request)) {
    const auto block = blocks_.find(ask->proposal.digest);
    bool valid = block != blocks_.end() && block->second.parent == ask->parent.digest;
    if (refuse_verify && refuse_verify(node, ask->proposal)) valid = false;
    return run(node, engine.on_verified(ask->proposal, valid, now_));
  }
  const auto& proposal = std::get<CertifyRequest>(request).proposal;
  if (forget_certify && forget_certify(node, proposal)) return;
  certified(node, proposal, !refuse_certify || !refuse_certify(node, proposal));
}

void Cluster::propose(std::uint32_t node, const ProposeRequest& request) {
  Node& n = nodes_[node];
  if (decline_propose && decline_propose(node, request.view)) {
    return run(node, n.engine->on_proposed(request.view, {}, now_));
  }
  const Digest digest = make_digest(request.view.value, node, blocks_.size());
  const auto included = blocks_.at(request.parent.digest).payments;
  blocks_[digest] = Block{Proposal{request.view, request.parent.view, digest},
                          request.parent.digest, std::max(included, n.payments_known)};
  run(node, n.engine->on_proposed(request.view, digest, now_));
}

// The work first: what the block holds is no work any more when the engine enters the next view.
void Cluster::certified(std::uint32_t node, const Proposal& proposal, bool ok) {
  if (ok) nodes_[node].tip = std::max(nodes_[node].tip, proposal);
  tell_work(node);
  if (is_up(node)) run(node, nodes_[node].engine->on_certified(proposal, ok, now_));
}

void Cluster::commit(std::uint32_t node, const Certificate& finalization) {
  Node& n = nodes_[node];
  if (n.floor && finalization.subject.view() < n.floor->subject.view()) fail("finality went back");
  n.floor = finalization;
  n.tip = std::max(n.tip, finalization.subject.proposal);
  check_final(finalization);
  later(node, [this, node] { tell_work(node); });
}

void Cluster::tell_work(std::uint32_t node) {
  if (!is_up(node)) return;
  const Node& n = nodes_[node];
  const bool pending = n.payments_known > blocks_.at(n.tip.digest).payments;
  run(node, n.engine->on_work(pending, now_));
}

std::uint64_t Cluster::payments_final(std::uint32_t node) const {
  const auto& floor = nodes_[node].floor;
  return floor ? blocks_.at(floor->subject.proposal.digest).payments : 0;
}

View Cluster::view_max() const {
  View out{0};
  for (const auto& node : nodes_) {
    if (node.engine) out = std::max(out, node.engine->view());
  }
  return out;
}

const std::vector<Subject>& Cluster::signed_by(std::uint32_t node) const {
  return nodes_[node].signed_votes;
}

std::uint32_t Cluster::leader_of(View view) const {
  return static_cast<std::uint32_t>(view.value % size());
}

// --- The network ---

void Cluster::transmit(std::uint32_t from, std::uint32_t to, const Subject& subject,
                       const std::function<void(Engine&, base::TimePoint, Effects&)>& deliver) {
  ++messages_sent_;
  if (!connected(from, to) || rng_.chance(options_.drops_per_1000, 1000)) return;
  if (drop_if && drop_if(from, to, subject)) return;
  const auto delay = rng_.between(static_cast<std::uint64_t>(options_.delay_min.microseconds),
                                  static_cast<std::uint64_t>(options_.delay_max.microseconds));
  at(now_ + base::microseconds(static_cast<std::int64_t>(delay)), [this, to, deliver] {
    if (!is_up(to)) return;
    Effects effects;
    deliver(*nodes_[to].engine, now_, effects);
    run(to, std::move(effects));
  });
}

void Cluster::send_vote(std::uint32_t from, std::uint32_t to, const Vote& vote) {
  if (options_.adversary == to) return misbehave(vote);
  transmit(from, to, vote.subject, [vote](Engine& engine, base::TimePoint now, Effects& effects) {
    if (engine.wants(vote, now)) effects = engine.on_vote(vote, now);
  });
}

void Cluster::send(std::uint32_t from, const Outbound& message) {
  for (std::uint32_t to = 0; to < size(); ++to) {
    if (to == from || (message.to && message.to->value != to)) continue;
    if (const auto* certificate = std::get_if<Certificate>(&message.message)) {
      transmit(from, to, certificate->subject,
               [c = *certificate](Engine& engine, base::TimePoint now, Effects& effects) {
                 if (engine.wants(c)) effects = engine.on_certificate(c, now);
               });
      continue;
    }
    const auto request = std::get<RepairRequest>(message.message);
    transmit(from, to, Subject::nullify(request.view),
             [request, from](Engine& engine, base::TimePoint now, Effects& effects) {
               effects = engine.on_repair_request(ValidatorIndex{from}, request, now);
             });
  }
}

// --- The adversary: votes for everything, shows each vote and certificate to whom it likes ---

void Cluster::misbehave(const Vote& heard) {
  const View view = heard.subject.view();
  heard_by_adversary_[heard.subject].emplace(heard.signer.value, heard);
  if (rng_.chance(1, 3)) misbehave_with(heard.subject);
  if (rng_.chance(1, 4)) misbehave_with(Subject::nullify(view));
  if (rng_.chance(1, 4) && heard.subject.kind == VoteKind::kNotarize) {
    misbehave_with(Subject::finalize(heard.subject.proposal));
  }
  adversary_view_ = std::max(adversary_view_, view);
  const View next = adversary_view_.next();
  if (leader_of(next) != *options_.adversary || !rng_.chance(1, 6)) return;
  // Two blocks for one view, on any parent it has heard of.
  const Digest parent =
      heard.subject.kind == VoteKind::kNullify ? Digest{} : heard.subject.proposal.digest;
  const auto& below = blocks_.at(parent);
  for (std::uint64_t twin = 0; twin < 2; ++twin) {
    const Digest digest = make_digest(next.value, 1000 + twin, blocks_.size());
    const Proposal proposal{next, below.proposal.view, digest};
    blocks_[digest] = Block{proposal, parent, below.payments};
    misbehave_with(Subject::notarize(proposal));
  }
}

void Cluster::misbehave_with(const Subject& subject) {
  const auto self = *options_.adversary;
  const auto mine = unsigned_vote(subject, self);
  auto& votes = heard_by_adversary_[subject];
  votes.emplace(self, mine);
  for (std::uint32_t to = 0; to < size(); ++to) {
    if (to == self || rng_.chance(1, 2)) continue;
    send_vote(self, to, mine);
    if (votes.size() < quorum_of(size()) || rng_.chance(1, 2)) continue;
    std::vector<Vote> quorum;
    for (const auto& [signer, vote] : votes) quorum.push_back(vote);
    send(self, {ValidatorIndex{to}, make_certificate(validators_, subject, quorum)});
  }
}

// --- Checkers ---

void Cluster::check_signed(std::uint32_t node, const Subject& subject) {
  nodes_[node].signed_votes.push_back(subject);
  auto& promise = promises_[{node, subject.view()}];
  const auto& p = subject.proposal;
  switch (subject.kind) {
    case VoteKind::kNotarize:
      if (promise.notarized && *promise.notarized != p) fail("two notarize votes in a view");
      if (promise.nullified) fail("notarize after nullify");
      if (promise.finalized && *promise.finalized != p) fail("notarize beside another finalize");
      promise.notarized = p;
      return;
    case VoteKind::kNullify:
      if (promise.finalized) fail("nullify after finalize");
      promise.nullified = true;
      return;
    case VoteKind::kFinalize:
      if (promise.nullified) fail("finalize after nullify");
      if (promise.finalized && *promise.finalized != p) fail("two finalize votes in a view");
      if (promise.notarized && *promise.notarized != p) fail("finalize beside another notarize");
      promise.finalized = p;
      return;
  }
}

void Cluster::check_certificate(const Certificate& certificate) {
  auto& seen = certificates_[certificate.subject.view()];
  const auto& p = certificate.subject.proposal;
  if (certificate.signatures.size() < quorum_of(size())) fail("a certificate below the quorum");
  switch (certificate.subject.kind) {
    case VoteKind::kNotarize:
      if (seen.notarized && *seen.notarized != p) fail("two notarizations in a view");
      seen.notarized = p;
      break;
    case VoteKind::kNullify: seen.nullified = true; break;
    case VoteKind::kFinalize:
      if (seen.finalized && *seen.finalized != p) fail("two finalizations in a view");
      seen.finalized = p;
      break;
  }
  if (seen.finalized && seen.nullified) fail("a finalized view was nullified");
  if (seen.finalized && seen.notarized && *seen.finalized != *seen.notarized) {
    fail("finalized what was not notarized");
  }
}

void Cluster::check_final(const Certificate& finalization) {
  const auto& top = finalization.subject.proposal;
  const auto [known, is_new] = final_.emplace(top.view, top.digest);
  if (known->second != top.digest) fail("two blocks are final in one view");
  if (!is_new) return;
  // Its chain holds every final block below, and the next final block above holds it.
  const auto is_ancestor = [&](const Digest& ancestor, Digest from, View view) {
    while (blocks_.at(from).proposal.view > view) from = blocks_.at(from).parent;
    return from == ancestor;
  };
  if (known != final_.begin()) {
    const auto below = std::prev(known);
    if (!is_ancestor(below->second, top.digest, below->first)) fail("a final block was skipped");
  }
  const auto above = std::next(known);
  if (above != final_.end() && !is_ancestor(top.digest, above->second, top.view)) {
    fail("a block became final beside the final chain");
  }
}

void Cluster::fail(const std::string& what) {
  if (violation_.empty()) violation_ = what;
}

}  // namespace peerpay::consensus::test
