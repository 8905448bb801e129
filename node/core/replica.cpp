#include "node/core/replica.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "consensus/limits.h"
#include "ledger/limits.h"
#include "node/core/limits.h"
#include "node/core/messages.h"
#include "node/core/replica_state.h"

namespace peerpay::node {

static_assert(ledger::kValidatorsMax == consensus::kValidatorsMax,
              "what a genesis may name is what consensus bears");

consensus::Config engine_config(const ledger::ConsensusParameters& parameters) {
  consensus::Config out;
  out.leader_timeout = base::milliseconds(parameters.leader_timeout_ms);
  out.certification_timeout = base::milliseconds(parameters.certification_timeout_ms);
  out.retry_interval = base::milliseconds(parameters.retry_interval_ms);
  out.skip_timeout = base::milliseconds(parameters.skip_timeout_ms);
  out.timeout_max = base::milliseconds(parameters.timeout_max_ms);
  out.block_interval_min = base::milliseconds(parameters.block_interval_min_ms);
  return out;
}

consensus::ValidatorSet validator_set(const ledger::Genesis& genesis) {
  std::vector<crypto::PublicKey> keys;
  for (const auto& validator : genesis.validators) keys.push_back(validator.key);
  return consensus::ValidatorSet{std::move(keys)};
}

consensus::Context consensus_context(const ledger::ChainId& chain) {
  return {.network = {chain.bytes}, .epoch = 0};
}

Replica::State::State(const ledger::Network& network, std::optional<PeerIndex> self_in,
                      const ReplicaConfig& config_in)
    : genesis{network.genesis},
      config{config_in},
      self{self_in},
      validators{validator_set(network.genesis)},
      engine{engine_config(network.genesis.consensus), consensus_context(network.chain), validators,
             self_in},
      tree{network.genesis},
      mempool{config_in.mempool, network.genesis},
      backlog{config_in.mempool, network.genesis.validators.size()},
      gossip{config_in},
      fetcher{config_in},
      blocks_served{{kServeInterval, kBlocksServedBurst}},
      ranges_served{{kServeInterval, kRangesServedBurst}},
      greetings{{kGreetInterval, kGreetingsBurst}},
      standings_served{{kStandingServeInterval, kStandingsServedBurst}} {}

void Replica::State::start(Bootstrap bootstrap) {
  tree.start(std::move(bootstrap.state), bootstrap.head);
  tip = tree.head_hash();
  head_certificate = bootstrap.finalization;
  if (head_certificate) tip_view = head_certificate->subject.view();
  for (auto& block : bootstrap.unfinalized) {
    if (!tree.has_room(encoded_size(block))) break;
    // Bodies are stored after their signatures were checked, and only then.
    HeldBlock* held = tree.insert(std::move(block), true);
    if (held != nullptr) held->stored = held->store_requested = true;
  }
  run(engine.start(bootstrap.journal, bootstrap.finalization, now.monotonic, bootstrap.voting));
  if (!engine.is_muted()) return;
  guard.emplace(validators, *self, bootstrap.token);
  guard->start(bootstrap.journal, engine.finalized());
}

void Replica::State::on(PeerConnected event) {
  connected.insert(event.peer);
  if (guard) guard->on_connected(event.peer);
  to_greet.insert(event.peer);
  greet();
}

// Greeting costs much more than connecting, so one that comes and goes waits for its next greeting.
void Replica::State::greet() {
  for (auto next = to_greet.begin(); next != to_greet.end();) {
    const PeerIndex peer = *next;
    if (!greetings.spend(peer, now.monotonic)) {
      ++next;
      continue;
    }
    next = to_greet.erase(next);
    for (auto& send : Gossip::greet(mempool, peer)) out.send.push_back(std::move(send));
    run(engine.on_peer_connected(peer, now.monotonic));
  }
}

std::optional<base::TimePoint> Replica::State::greet_at() const {
  std::optional<base::TimePoint> earliest;
  for (const auto peer : to_greet) {
    const auto at = greetings.next(peer);
    earliest = earliest ? std::min(*earliest, at) : at;
  }
  return earliest;
}

void Replica::State::on(PeerDisconnected event) {
  connected.erase(event.peer);
  to_greet.erase(event.peer);
}

void Replica::State::on(LinkReplaced event) {
  if (guard) guard->on_replaced(event.peer);
}

void Replica::State::on(VoteReceived event) {
  // Nobody passes on another's vote: certificates do that.
  if (event.vote.signer != event.from) return blame(event.from, "a vote that another one signed");
  witness.saw(event.vote);
  run(engine.on_vote(event.vote, now.monotonic));
}

void Replica::State::on(StandingRequested event) {
  // Who lacks votes may lack views, and would prove less than it has been told.
  if (!self || (guard && !guard->remembers())) return;
  if (!standings_served.spend(event.from, now.monotonic)) return;
  const Standing answer{event.request.token,
                        witness.newest(event.from, engine.certified_votes(event.from)),
                        engine.standing()};
  out.send.push_back({event.from, Priority::kVote, encode(PeerMessage{answer})});
}

void Replica::State::on(const StandingReceived& event) {
  if (!guard || event.standing.token != guard->token()) return;
  guard->take(event.from, event.standing);
  for (const auto& certificate : event.standing.certificates) {
    notice_own_vote(certificate);
    run(engine.on_certificate(certificate, now.monotonic));
  }
  if (engine.is_muted()) return;
  // Too late for the guard; what it shows of us may still be news.
  for (const auto& vote : event.standing.votes) {
    if (vote.signer == self) run(engine.on_vote(vote, now.monotonic));
  }
}

void Replica::State::on(VoteSigned event) { run(engine.on_vote(event.vote, now.monotonic)); }

void Replica::State::on(const CertificateReceived& event) {
  notice_own_vote(event.certificate);
  run(engine.on_certificate(event.certificate, now.monotonic));
}

void Replica::State::on(RepairRequested event) {
  run(engine.on_repair_request(event.from, event.request, now.monotonic));
}

void Replica::State::on(BlockRequested event) {
  if (!blocks_served.spend(event.from, now.monotonic)) return;
  if (const HeldBlock* held = tree.find(event.request.hash)) {
    out.send.push_back({event.from, Priority::kRepair, encode_block_message(held->block)});
  } else {
    out.serve.push_back({event.from, event.request});
  }
}

void Replica::State::on(SyncRequested event) {
  if (event.request.from > tree.head().height) return;
  if (ranges_served.spend(event.from, now.monotonic))
    out.serve.push_back({event.from, event.request});
}

void Replica::State::on(TransactionsReceived event) {
  for (auto& transaction : event.transactions) {
    const auto id = transaction.id;
    const auto admitted = admit(std::move(transaction), event.from);
    if (admitted.admission == Admission::kAlreadyPending) mempool.mark_known(id, event.from);
  }
}

void Replica::State::on(TransactionsSubmitted event) {
  for (auto& submission : event.submissions) {
    const auto id = submission.transaction.id;
    const auto admitted = admit(std::move(submission.transaction), std::nullopt);
    out.replies.push_back({submission.token, id, admitted.admission, admitted.result});
    if (admitted.admission == Admission::kAdmitted)
      gossip.enqueue(mempool.find(id)->transaction, now.monotonic);
  }
}

void Replica::State::on(TimerFired) {
  greet();
  run(engine.on_timer(now.monotonic));
}

Mempool::Admitted Replica::State::admit(ledger::SealedTransaction transaction,
                                        Mempool::Source source) {
  const auto id = transaction.id;
  auto admitted = mempool.add(std::move(transaction), source, tree.state(), now);
  for (const auto& evicted : admitted.evicted) {
    if (tree.holds(evicted)) {
      evicted_held.insert(evicted);
    } else {
      out.dropped.push_back({evicted, std::nullopt});
    }
  }
  if (admitted.admission != Admission::kAdmitted) return admitted;
  evicted_held.erase(id);
  // A transaction may reach the pool after a block that holds it.
  tree.for_each_held([&id](HeldBlock& held) {
    if (held.contains(id)) ++held.ready;
  });
  return admitted;
}

// Tells of what made room and is in no block any more: it has no end here. Called when blocks went,
// and then only: looking through all of it for every admission would be slow. Of several that
// become final together after the last: each may hold what was evicted before.
void Replica::State::drop_evicted() {
  std::erase_if(evicted_held, [this](const ledger::TransactionId& id) {
    if (tree.holds(id)) return false;
    out.dropped.push_back({id, std::nullopt});
    return true;
  });
}

void Replica::State::run(consensus::Effects effects) {
  engine_effects.push_back(std::move(effects));
}

void Replica::State::run(const consensus::ProposeRequest& request) {
  run(engine.on_proposed(request.view, propose(request), now.monotonic));
}

void Replica::State::run(const consensus::VerifyRequest& request) {
  const auto hash = hash_of(request.proposal.digest);
  verify_pending.insert_or_assign(hash, request);
  try_verify(hash);
}

void Replica::State::run(const consensus::CertifyRequest& request) {
  const auto hash = hash_of(request.proposal.digest);
  certify_pending.insert_or_assign(hash, request);
  try_certify(hash);
}

void Replica::State::notice_own_vote(const consensus::Certificate& certificate) {
  if (guard && consensus::is_signed_by(certificate, *self)) guard->notice(certificate.subject);
}

// The engine has journaled it. Who has voted must stop; who has not yet asks on.
void Replica::State::on_unknown_own_vote(const consensus::Subject& subject) {
  if (guard && guard->status().stage != VotingStage::kVoting) return guard->on_incomplete();
  out.halt = "a vote of view " + std::to_string(subject.view().value) +
             " under this validator's key is not in its sign.log: the log is older than what this "
             "validator has signed, or a second process holds its key. Make sure that no other "
             "process uses the key, then start again: the node first finds out from the others "
             "where its votes end";
}

// What the guard has found, and whom it asks.
void Replica::State::guard_votes() {
  if (!guard) return;
  if (const auto unknown = guard->take_unknown())
    run(engine.on_unknown_own_vote(*unknown, now.monotonic));
  if (guard->opens(engine.finalized())) run(engine.open_voting(engine.finalized(), now.monotonic));
  if (const auto evidence = guard->key_in_use(); evidence && !out.halt) {
    out.halt = *evidence +
               ": another process uses this validator's key. Find it and stop it for good, then "
               "start this one again";
    out.halt_cause = HaltCause::kKeyInUse;
  }
  for (const auto peer : guard->due(connected, now.monotonic)) {
    out.send.push_back(
        {peer, Priority::kVote, encode(PeerMessage{StandingRequest{guard->token()}})});
  }
}

void Replica::State::settle() {
  update_work();
  guard_votes();
  while (!engine_effects.empty()) {
    auto effects = std::move(engine_effects.front());
    engine_effects.pop_front();
    if (const auto* unknown = consensus::unknown_own_vote(effects.persist))
      on_unknown_own_vote(unknown->subject);
    std::move(effects.persist.begin(), effects.persist.end(), std::back_inserter(out.persist));
    std::move(effects.sign.begin(), effects.sign.end(), std::back_inserter(out.sign));
    std::move(effects.evidence.begin(), effects.evidence.end(), std::back_inserter(out.evidence));
    if (effects.contradiction) {
      out.halt = "two certificates of view " +
                 std::to_string(effects.contradiction->first.subject.view().value) +
                 " contradict each other: more validators are faulty than the protocol bears. The "
                 "proof is kept with the evidence";
      out.contradiction = std::move(effects.contradiction);
    }
    for (auto& outbound : effects.send) {
      auto bytes = std::visit([](auto& message) { return encode(PeerMessage{std::move(message)}); },
                              outbound.message);
      out.send.push_back({outbound.to, Priority::kVote, std::move(bytes)});
    }
    for (const auto& request : effects.app) std::visit([this](const auto& r) { run(r); }, request);
    for (const auto& commit : effects.commit) finalize(commit.finalization);
    update_work();
    if (engine_effects.empty()) guard_votes();
  }
  for (auto& send : gossip.due(mempool, connected, now.monotonic))
    out.send.push_back(std::move(send));
  const auto head_next = tree.head().height.next();
  const auto staged_next = staged.empty() ? head_next : staged.back().header.height.next();
  for (auto& send : fetcher.due({head_next, staged_next}, connected, now.monotonic)) {
    out.send.push_back(std::move(send));
  }
  // Left there, they would make the others' late answers look like nothing new.
  if (!fetcher.continues()) drop_staged();
}

std::optional<base::TimePoint> Replica::State::heartbeat_at() const {
  if (!self) return std::nullopt;
  // A block that is certified and not yet final has moved the time on already.
  const HeldBlock* held = tree.find(tip);
  const auto newest = held != nullptr ? held->block.header.timestamp : tree.head().timestamp;
  const std::uint64_t due = newest.value + genesis.consensus.heartbeat_interval_ms;
  if (due <= now.wall.value) return now.monotonic;
  return now.monotonic + base::milliseconds(static_cast<std::int64_t>(due - now.wall.value));
}

bool Replica::State::heartbeat_due() const {
  const auto at = heartbeat_at();
  return at && *at <= now.monotonic;
}

// There is work while a ready transaction is in no block that the next proposal would stand on.
void Replica::State::update_work() {
  ready_in_blocks = 0;
  for (const HeldBlock* held : tree.path_to(tip)) ready_in_blocks += held->ready;
  const bool pending = mempool.ready_count() > ready_in_blocks || heartbeat_due();
  if (pending == work_pending) return;
  work_pending = pending;
  run(engine.on_work(pending, now.monotonic));
}

Replica::Replica(const ledger::Network& network, std::optional<PeerIndex> self,
                 const ReplicaConfig& config)
    : state_{std::make_unique<State>(network, self, config)} {}

Replica::~Replica() = default;

Effects Replica::start(Bootstrap bootstrap, base::Now now) {
  state_->now = now;
  state_->genesis_hash =
      bootstrap.head.height.value == 0 ? ledger::block_hash(bootstrap.head) : ledger::BlockHash{};
  state_->start(std::move(bootstrap));
  state_->settle();
  return std::exchange(state_->out, {});
}

Effects Replica::handle(Event event, base::Now now) {
  state_->now = now;
  std::visit([this](auto& e) { state_->on(std::move(e)); }, event);
  state_->settle();
  return std::exchange(state_->out, {});
}

std::optional<base::TimePoint> Replica::deadline() const {
  std::optional<base::TimePoint> out;
  const auto heartbeat = state_->work_pending ? std::nullopt : state_->heartbeat_at();
  for (const auto& at :
       {state_->engine.deadline(), state_->gossip.deadline(state_->mempool),
        state_->fetcher.deadline(), state_->greet_at(), heartbeat,
        state_->guard ? state_->guard->deadline(state_->connected) : std::nullopt}) {
    if (at) out = out ? std::min(*out, *at) : *at;
  }
  return out;
}

ReplicaStatus Replica::status() const {
  ReplicaStatus out;
  out.height = state_->tree.head().height;
  out.hash = state_->tree.head_hash();
  out.timestamp = state_->tree.head().timestamp;
  out.view = state_->engine.view();
  out.finalized_view = state_->engine.finalized();
  if (state_->self) out.voting = state_->guard ? state_->guard->status() : VotingStatus{};
  out.syncing = state_->target.has_value();
  out.blocks_held = state_->tree.size();
  out.blocks_held_bytes = state_->tree.bytes();
  out.blocks_staged = state_->staged.size();
  out.blocks_staged_bytes = state_->staged_bytes;
  out.peers_connected = state_->connected.size();
  out.mempool_transactions = state_->mempool.size();
  out.mempool_bytes = state_->mempool.bytes();
  return out;
}

const ledger::StateView& Replica::state() const { return state_->tree.state(); }
const ledger::BlockHeader& Replica::head() const { return state_->tree.head(); }
const consensus::Engine& Replica::engine() const { return state_->engine; }
std::vector<consensus::SafetyRecord> Replica::journal() const { return state_->engine.journal(); }

bool Replica::has_plenty(base::TimePoint now) const {
  return state_->backlog.is_plenty(state_->mempool.ready_turns(), state_->ready_in_blocks, now);
}

bool Replica::is_pooled(const ledger::TransactionId& id) const {
  return state_->mempool.find(id) != nullptr;
}

bool Replica::is_pending(const ledger::TransactionId& id) const {
  return is_pooled(id) || state_->tree.holds(id);
}

std::optional<base::UnixMillis> Replica::held_until(const ledger::TransactionId& id) const {
  std::optional<base::UnixMillis> out;
  std::as_const(state_->tree).for_each_held([&](const HeldBlock& held) {
    if (out || !held.contains(id)) return;
    for (const auto& sealed : held.block.transactions) {
      if (sealed.id == id) out = sealed.transaction.body.valid_until;
    }
  });
  return out;
}

ledger::StateProof Replica::prove(const ledger::AccountId& id) const {
  return state_->tree.prove(id);
}

}  // namespace peerpay::node
