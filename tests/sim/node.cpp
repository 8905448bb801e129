#include "tests/sim/node.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "node/core/messages.h"

namespace peerpay::sim {

namespace {

// What a turn of the core thread costs, and so the least time between two.
constexpr base::Duration kTurnCost = base::microseconds(30);

TraceLine line_of(const consensus::Subject& subject) {
  return {.view = subject.view().value, .id = short_id(subject.proposal.digest.view())};
}

// What a trace says of a message.
TraceLine line_of(const node::PeerMessage& message) {
  constexpr const char* kKinds[] = {
      "vote",       "certificate",  "repair-request",   "block",   "block-request", "sync-request",
      "sync-batch", "transactions", "standing-request", "standing"};
  TraceLine out;
  if (const auto* vote = std::get_if<consensus::Vote>(&message)) out = line_of(vote->subject);
  if (const auto* certificate = std::get_if<consensus::Certificate>(&message)) {
    out = line_of(certificate->subject);
  }
  if (const auto* block = std::get_if<node::BlockMessage>(&message)) {
    const ledger::BlockHeader& header = block->block.header;
    out = {.view = header.view,
           .height = header.height.value,
           .id = short_id(ledger::block_hash(header).view())};
  }
  out.object = kKinds[message.index()];
  return out;
}

}  // namespace

SimNode::SimNode(World& world, NodeIndex process, ClientListener& clients,
                 std::unique_ptr<Adversary> adversary)
    : world_{world},
      process_{process},
      self_{validator_of(world.options, process)},
      clients_{clients},
      adversary_{std::move(adversary)},
      rng_{world.rng.next()},
      disk_{world.genesis},
      sync_blocks_max_{rng_.between(1, world.options.disk.sync_blocks_max)} {
  world.network.attach(process,
                       {[this](NodeIndex from, const SentMessagePtr& m) { on_message(from, m); },
                        [this](NodeIndex peer, bool up) { on_link(peer, up); }});
}

base::Now SimNode::now() const {
  const auto wall = static_cast<std::int64_t>(world_.true_time().value) + skew_ms_;
  return {world_.scheduler.now() + clock_offset_, {static_cast<std::uint64_t>(wall)}};
}

void SimNode::trace(const char* verb, TraceLine line) {
  line.node = static_cast<std::int32_t>(process_.value);
  line.verb = verb;
  world_.trace_line(line);
}

void SimNode::start() {
  PEERPAY_CHECK(!is_running(), "a node runs once at a time");
  if (has_halted_) return;
  ++life_;
  look_at_disk();
  clock_offset_ = base::microseconds(static_cast<std::int64_t>(rng_.below(1'000'000'000'000)));
  node::Bootstrap bootstrap = disk_.load();
  // A Byzantine twin does not mind the votes of the other: it goes on above them.
  for (consensus::SafetyRecord& record : bootstrap.journal) {
    const auto* others = std::get_if<consensus::UnknownOwnVote>(&record);
    if (others != nullptr && !is_checked()) record = consensus::Rejoined{others->subject.view()};
  }
  for (auto& byte : bootstrap.token.bytes) byte = static_cast<std::uint8_t>(rng_.below(256));
  // Nor does it ask anybody; and whoever forgets his votes without a trace is not stopped by
  // asking.
  const bool asks = is_checked() && world_.options.canary != Canary::kLostSignLog;
  if (!asks) bootstrap.voting = consensus::Voting::kOpen;
  replica_ = std::make_unique<node::Replica>(world_.ledger_network, self_, world_.replica_config);
  trace("start", {.height = bootstrap.head.height.value});
  world_.audit.add(AuditKind::kNodeStarted,
                   {self_.value, bootstrap.head.height.value, bootstrap.journal.size()});
  if (is_chain_checked()) world_.checkers.chain.on_start(self_, bootstrap.head);
  if (is_checked()) {
    world_.checkers.votes.on_start(self_, bootstrap.journal);
    world_.checkers.evidence.on_start(self_);
  }
  if (bootstrap.head.height.value > 0 && !bootstrap.finalization)
    world_.visited("restart without the head's certificate");
  if (!bootstrap.unfinalized.empty()) world_.visited("restart with unfinalized blocks");
  world_.network.set_running(process_, true);
  in_turn_ = true;
  merge(replica_->start(std::move(bootstrap), now()));
  end_turn();
  flush_state_later();
}

// What node/storage promises of a disk that went bad: the node refuses to start on it. Its operator
// takes away what is damaged, and the node has to rejoin.
void SimNode::look_at_disk() {
  const DiskHealth health = disk_.health();
  if (health == DiskHealth::kSignLogDamaged) {
    world_.visited("start refused: sign log damaged");
    lose_sign_log();
  } else if (health == DiskHealth::kStoreDamaged) {
    world_.visited("start refused: store damaged");
    lose_disk();
  }
}

void SimNode::go_on() {
  is_paused_ = false;
  for (const auto& action : std::exchange(deferred_, {})) {
    if (is_paused_ || !is_running()) return;
    action();
  }
}

bool SimNode::ends_at(CrashPoint point) {
  if (!is_checked() || !world_.ends_at || !world_.ends_at(process_, point)) return false;
  stop("cut off between deciding and sending");
  return true;
}

void SimNode::stop(std::string_view why) {
  world_.visited(why);
  crash();
  if (world_.on_stopped) world_.on_stopped(process_);
}

// What was proved is durable; nothing else of the turn happens.
void SimNode::stop_halted() {
  for (const consensus::SafetyRecord& record : turn_.persist) (void)disk_.append(record);
  (void)disk_.sync();
  stop(is_checked() ? "halted" : "a Byzantine node starts again");
}

void SimNode::crash() {
  PEERPAY_CHECK(is_running(), "only what runs can crash");
  ++life_;
  trace("crash");
  world_.audit.add(AuditKind::kNodeCrashed, {self_.value});
  world_.network.set_running(process_, false);
  replica_.reset();
  // The write that is under way has got as far as it has.
  storage_busy_with_.resize(rng_.between(0, storage_busy_with_.size()));
  disk_.fail_next(SimDisk::Failing::kNothing);
  (void)write(std::exchange(storage_busy_with_, {}));
  storage_queue_.clear();
  if (disk_.crash(rng_) > 0) world_.visited("crash that lost unsynced votes");
  if (world_.options.canary == Canary::kLostSignLog) disk_.lose_sign_log();
  if (world_.options.canary == Canary::kLostCommit) disk_.lose_last_commit();
  is_paused_ = false;
  deferred_.clear();
  inbox_.clear();
  turn_ = {};
  signed_.clear();
  submitted_.clear();
  in_turn_ = wake_scheduled_ = false;
  armed_at_.reset();
}

void SimNode::lose_sign_log() {
  PEERPAY_CHECK(!is_running(), "a running node holds its sign log");
  world_.visited("sign log lost");
  disk_.begin_sign_log_anew();
  sign_log_compacted_ = 0;
  lacks_votes_ = true;
}

void SimNode::lose_disk() {
  PEERPAY_CHECK(!is_running(), "a running node holds its disk");
  world_.visited("disk lost");
  disk_ = SimDisk{world_.genesis};
  disk_.begin_sign_log_anew();
  lacks_votes_ = true;
  sign_log_compacted_ = 0;
  world_.checkers.chain.forgive(self_, disk_.height());
}

void SimNode::restore_disk_copy() {
  PEERPAY_CHECK(!is_running() && copy_ != nullptr, "a running node holds its disk");
  world_.visited("older copy of a disk restored");
  disk_ = *copy_;
  is_amnesiac_ = true;
  sign_log_compacted_ = 0;
  world_.checkers.chain.forgive(self_, disk_.height());
  world_.checkers.votes.forgiven().forgive(self_);
  world_.checkers.blame.forgiven().forgive(self_);
}

consensus::View SimNode::newest_view_of_copy() const {
  const node::Bootstrap kept = copy_->load();
  consensus::View out{kept.head.view};
  for (const auto& record : kept.journal) out = std::max(out, consensus::view_of(record));
  return out;
}

void SimNode::damage_sign_log() {
  PEERPAY_CHECK(!is_running(), "what runs has read its sign log");
  if (disk_.damage_sign_log(rng_)) lacks_votes_ = true;
}

void SimNode::damage_store() {
  PEERPAY_CHECK(!is_running(), "what runs has read its store");
  if (disk_.damage_store(rng_)) lacks_votes_ = true;
}

void SimNode::submit(const ledger::TransactionId& id, const base::Bytes& bytes) {
  if (!is_running() || is_paused_) return;
  trace("submit", {.id = short_id(id.view())});
  auto sealed = ledger::seal(world_.chain, bytes);
  if (!sealed) return tell_refused(id, ledger::TransactionResult::kMalformed);
  if (const auto height = disk_.find(id)) return tell(id, ToldFinal{*height});
  const auto result = check(*sealed);
  if (result != ledger::TransactionResult::kApplied) return tell_refused(id, result);
  if (adversary_ && !adversary_->hears(node::TransactionBatch{{*sealed}})) return;
  submitted_.insert_or_assign(id, sealed->transaction.body.valid_until);
  post(node::TransactionsSubmitted{{{token_next_++, std::move(*sealed)}}});
}

ledger::TransactionResult SimNode::check(const ledger::SealedTransaction& transaction) const {
  auto result = ledger::check_static(transaction);
  if (result == ledger::TransactionResult::kApplied)
    result = ledger::check_genesis(world_.genesis, transaction);
  if (result == ledger::TransactionResult::kApplied)
    result = world_.keyring.verify_transaction(transaction);
  return result;
}

void SimNode::on_link(NodeIndex process, bool up) {
  trace(up ? "link-up" : "link-down", {.peer = static_cast<std::int32_t>(process.value)});
  const NodeIndex peer = validator_of(world_.options, process);
  if (up) return post(node::PeerConnected{peer});
  post(node::PeerDisconnected{peer});
}

void SimNode::on_message(NodeIndex process, const SentMessagePtr& message) {
  world_.audit.add(AuditKind::kMessageDelivered, {process_.value, process.value, message->bytes});
  const NodeIndex from = validator_of(world_.options, process);
  std::optional<node::Event> event;
  if (message->content) {
    TraceLine line = line_of(*message->content);
    line.peer = static_cast<std::int32_t>(process.value);
    trace("receive", line);
    if (adversary_ && !adversary_->hears(*message->content)) return;
    event = event_of(from, *message);
  }
  if (is_checked()) world_.oracle.on_received(self_, message, event.has_value());
  if (event) return post(std::move(*event));
  if (!is_checked() || !is_honest(world_.options, from)) return;
  world_.verdict.fail(FailureClass::kSafety, "blame",
                      "n" + std::to_string(self_.value) + " got a message from the honest n" +
                          std::to_string(from.value) + " that does not decode or verify");
}

std::optional<node::Event> SimNode::event_of(NodeIndex from, const SentMessage& message) {
  const node::PeerMessage& content = *message.content;
  // Of a block the replica is told that it is wrong: who sent it is to blame.
  if (const auto* block = std::get_if<node::BlockMessage>(&content))
    return node::BlockReceived{from, block->block, message.verifies};
  if (!message.verifies) return std::nullopt;
  if (const auto* vote = std::get_if<consensus::Vote>(&content))
    return node::VoteReceived{from, *vote};
  if (const auto* certificate = std::get_if<consensus::Certificate>(&content))
    return node::CertificateReceived{from, *certificate};
  if (const auto* request = std::get_if<consensus::RepairRequest>(&content))
    return node::RepairRequested{from, *request};
  if (const auto* request = std::get_if<node::BlockRequest>(&content))
    return node::BlockRequested{from, *request};
  if (const auto* request = std::get_if<node::SyncRequest>(&content))
    return node::SyncRequested{from, *request};
  if (const auto* request = std::get_if<node::StandingRequest>(&content))
    return node::StandingRequested{from, *request};
  if (const auto* standing = std::get_if<node::Standing>(&content))
    return node::StandingReceived{from, *standing};
  if (const auto* batch = std::get_if<node::SyncBatch>(&content))
    return node::SyncReceived{from, *batch};
  return node::TransactionsReceived{from, std::get<node::TransactionBatch>(content).transactions};
}

void SimNode::post(node::Event event) {
  inbox_.push_back(std::move(event));
  wake();
}

void SimNode::wake() {
  if (in_turn_ || wake_scheduled_) return;
  wake_scheduled_ = true;
  later(kTurnCost, [this] { turn(); });
}

void SimNode::turn() {
  wake_scheduled_ = false;
  in_turn_ = true;
  for (auto& vote : std::exchange(signed_, {})) handle(node::VoteSigned{std::move(vote)});
  for (auto& event : std::exchange(inbox_, {})) handle(std::move(event));
  const auto deadline = replica_->deadline();
  if (deadline && *deadline <= now().monotonic) handle(node::TimerFired{});
  end_turn();
}

void SimNode::handle(node::Event event) {
  world_.audit.add(AuditKind::kEvent,
                   {self_.value, event.index(),
                    static_cast<std::uint64_t>(world_.scheduler.now().microseconds)});
  const auto facts = engine_facts();
  if (is_checked()) {
    world_.oracle.before(self_, event, facts);
    if (const auto* received = std::get_if<node::VoteReceived>(&event)) {
      world_.checkers.evidence.before(self_, received->vote, {facts.view, facts.finalized});
    }
  }
  node::Effects effects = replica_->handle(std::move(event), now());
  if (is_checked()) {
    if (world_.quorums_hold()) world_.checkers.evidence.after(self_, effects);
    world_.oracle.after(self_, effects, engine_facts());
  }
  merge(std::move(effects));
}

BehaviourOracle::EngineFacts SimNode::engine_facts() const {
  const consensus::Engine& engine = replica_->engine();
  return {engine.view(), engine.finalized(), engine.views_held()};
}

void SimNode::merge(node::Effects effects) {
  if (world_.options.canary == Canary::kLostMoney && self_.value == 0) lose_money(effects);
  check_effects(effects);
  turn_.append(std::move(effects));
}

void SimNode::end_turn() {
  if (is_checked()) check_bounds();
  if (turn_.halt) return stop_halted();
  if (!turn_.persist.empty() && ends_at(CrashPoint::kBeforeAppend)) return;
  for (const consensus::SafetyRecord& record : turn_.persist) {
    if (!disk_.append(record)) return stop("stopped: a write failed");
    if (is_checked()) world_.checkers.votes.on_record(self_, record);
    world_.audit.add(AuditKind::kPersisted, {self_.value}, consensus::encode(record));
  }
  if (turn_.persist.empty()) return carry_out();
  if (ends_at(CrashPoint::kBeforeSync)) return;
  const base::Duration sync = draw_delay(world_.options.disk.sync, rng_);
  if (world_.options.canary == Canary::kSendBeforeSync) {
    later(sync, [this] { (void)disk_.sync(); });
    return carry_out();
  }
  later(sync, [this] {
    if (!disk_.sync()) return stop("stopped: a sync failed");
    if (ends_at(CrashPoint::kBeforeSend)) return;
    carry_out();
  });
}

void SimNode::check_bounds() {
  const node::ReplicaStatus status = replica_->status();
  BoundsChecker& bounds = world_.checkers.bounds;
  bounds.on_turn(self_, status, replica_->head().view);
  bounds.on_turn(self_, status, replica_->engine().views_held(), world_.replica_config.mempool);
  const bool is_pressed =
      status.mempool_transactions * 4 >= world_.replica_config.mempool.transactions_max;
  if (is_pressed && world_.options.behaviour == Behaviour::kFloodsMempool)
    world_.oracle.witnessed();
}

void SimNode::carry_out() {
  node::Effects effects = std::exchange(turn_, {});
  in_turn_ = false;
  for (const node::Send& message : effects.send) send(message.to, message.message);
  if (!effects.sign.empty() && ends_at(CrashPoint::kAmidSending)) return;
  for (const consensus::Subject& subject : effects.sign) sign(subject);
  if (!effects.sign.empty() && ends_at(CrashPoint::kAfterSending)) return;
  for (node::BlockToStore& block : effects.store) storage_queue_.emplace_back(std::move(block));
  for (node::CommittedBlock& block : effects.commit) storage_queue_.emplace_back(std::move(block));
  store_next();
  for (const node::SubmissionReply& one : effects.replies) reply(one);
  for (const node::DroppedTransaction& one : effects.dropped) {
    if (one.result) {
      tell_refused(one.id, *one.result);
    } else {
      tell(one.id, ToldLater{});
    }
  }
  for (const node::Serve& one : effects.serve) serve(one);
  compact_sign_log();
  if (!inbox_.empty() || !signed_.empty()) return wake();
  arm();
}

void SimNode::compact_sign_log() {
  if (disk_.sign_log_records() < sign_log_compacted_ + world_.options.disk.sign_log_records_max)
    return;
  world_.visited("sign log compacted");
  disk_.compact(replica_->journal());
  sign_log_compacted_ = disk_.sign_log_records();
}

void SimNode::arm() {
  const auto deadline = replica_->deadline();
  if (!deadline) return;
  const base::TimePoint at = std::max(*deadline - clock_offset_, world_.scheduler.now());
  if (armed_at_ && *armed_at_ <= at) return;
  armed_at_ = at;
  later(at - world_.scheduler.now(), [this, at] {
    if (armed_at_ != at) return;
    armed_at_.reset();
    wake();
  });
}

}  // namespace peerpay::sim
