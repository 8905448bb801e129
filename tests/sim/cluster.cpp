#include "tests/sim/cluster.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "base/check.h"
#include "tests/sim/actor.h"

namespace peerpay::sim {

namespace {

constexpr base::Duration kPollInterval = base::milliseconds(50);
constexpr base::Duration kRecoveryBound = base::seconds(60);
constexpr std::uint32_t kLastPayments = 10;

// What two runs can't agree on but by chance, one in a million.
base::Duration real_clock() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return base::microseconds(std::chrono::nanoseconds{now}.count() % 1'000'000);
}

std::unique_ptr<Adversary> make_adversary(World& world, NodeIndex process) {
  const Options& options = world.options;
  if (is_honest(options, process)) return nullptr;
  const AdversaryPlace place{validator_of(options, process), options.validators, world.context};
  const base::Rng rng{world.rng.next()};
  switch (options.byzantine_kind) {
    case ByzantineKind::kSilent: return std::make_unique<Silent>();
    case ByzantineKind::kEquivocator:
      return std::make_unique<Equivocator>(place, world.keyring, rng);
    case ByzantineKind::kWithholder: return std::make_unique<Withholder>(place, rng);
    case ByzantineKind::kFlooder: return std::make_unique<Flooder>(place, world.keyring, rng);
    case ByzantineKind::kTwins: return std::make_unique<Twin>(place);
    case ByzantineKind::kNamed:
      return make_actor(options.behaviour,
                        {place, options.byzantine, world.keyring, world.genesis, world.oracle},
                        rng);
  }
  PEERPAY_UNREACHABLE("every kind is made above");
}

}  // namespace

Cluster::Cluster(const Options& options)
    : world_{options},
      workload_{world_, [this](NodeIndex node, const ledger::TransactionId& id,
                               const base::Bytes& bytes) { at(node).submit(id, bytes); }},
      faults_{world_, nodes_},
      scenario_{world_, nodes_, workload_},
      rng_{world_.rng.next()} {
  for (NodeIndex node; node.value < processes(options); node = node.next()) {
    nodes_.push_back(
        std::make_unique<SimNode>(world_, node, workload_, make_adversary(world_, node)));
  }
}

RunReport Cluster::run() {
  start();
  if (!failed()) safety_phase();
  if (world_.quorums_hold()) {
    if (!failed()) liveness_phase();
    if (!failed()) recovery_phase();
    if (!failed()) check_end();
  }
  if (!failed()) scenario_.finish();
  RunReport out;
  out.failure = world_.verdict.failure();
  out.audit = world_.audit.digest();
  out.end = world_.scheduler.now();
  out.liveness_took = liveness_took_;
  out.steps = world_.scheduler.steps();
  out.height = world_.checkers.chain.height().value;
  out.submissions = workload_.submissions();
  out.promised_final = world_.checkers.promises.finals();
  out.promised_never = world_.checkers.promises.nevers();
  out.network = world_.network.stats();
  out.faults = faults_.stats();
  out.payments = workload_.counts();
  out.visits = world_.visits;
  out.behaviour_acts = world_.oracle.acts();
  out.behaviour_witnesses = world_.oracle.witnesses();
  return out;
}

void Cluster::run_for(base::Duration duration) {
  const base::TimePoint end = world_.scheduler.now() + duration;
  while (!failed() && world_.scheduler.step(end)) {
    if (world_.scheduler.steps() <= world_.options.steps_max) continue;
    world_.verdict.fail(FailureClass::kLiveness, "steps",
                        "the nodes keep each other busy without end");
  }
}

bool Cluster::run_until(const Condition& condition, base::Duration bound) {
  const base::TimePoint end = world_.scheduler.now() + bound;
  while (!condition()) {
    if (failed() || world_.scheduler.now() >= end) return false;
    run_for(kPollInterval);
  }
  return true;
}

// Each of the others talks to one twin, or to both.
void Cluster::divide_twins() {
  for (NodeIndex twin{world_.options.validators}; twin.value < nodes_.size(); twin = twin.next()) {
    const NodeIndex first = validator_of(world_.options, twin);
    for (NodeIndex peer; peer.value < nodes_.size(); peer = peer.next()) {
      const std::uint64_t draw = rng_.below(3);
      if (peer == first || peer == twin || draw == 2) continue;
      world_.network.cut(draw == 0 ? first : twin, peer);
      world_.network.cut(peer, draw == 0 ? first : twin);
    }
  }
}

void Cluster::start() {
  if (world_.options.canary == Canary::kRealClock) run_for(real_clock());
  divide_twins();
  for (auto& node : nodes_) node->start();
  workload_.start();
  faults_.start();
  scenario_.start();
}

void Cluster::safety_phase() {
  run_for(world_.options.safety_phase);
  if (world_.options.canary == Canary::kAbort) std::abort();
}

std::vector<NodeIndex> Cluster::honest() const {
  std::vector<NodeIndex> out;
  for (NodeIndex node; node.value < nodes_.size(); node = node.next()) {
    if (is_honest(world_.options, node)) out.push_back(node);
  }
  return out;
}

std::vector<NodeIndex> Cluster::draw_core() {
  std::vector<NodeIndex> out = honest();
  std::erase_if(out, [this](NodeIndex node) { return !at(node).is_trusted(); });
  while (out.size() > quorum_of(world_.options.validators)) {
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(rng_.below(out.size())));
  }
  return out;
}

void Cluster::heal(const std::vector<NodeIndex>& nodes) {
  for (const NodeIndex a : nodes) {
    for (const NodeIndex b : nodes) {
      if (a < b) world_.network.calm(a, b);
    }
    at(a).set_skew(
        static_cast<std::int64_t>(rng_.below(world_.options.consensus.timestamp_ahead_max_ms / 4)));
    at(a).fail_disk(SimDisk::Failing::kNothing);
    if (!at(a).is_running()) at(a).start();
    if (at(a).is_paused()) at(a).go_on();
  }
}

// Each node outside stays down or paused, or cut off in one of the three ways, or as it is; for
// ever.
void Cluster::freeze_outside(const std::vector<NodeIndex>& core) {
  for (NodeIndex node; node.value < nodes_.size(); node = node.next()) {
    if (std::find(core.begin(), core.end(), node) != core.end()) continue;
    const std::uint64_t fate = rng_.below(6);
    if (fate == 0 && at(node).is_running()) at(node).crash();
    if (fate == 4 && at(node).is_running()) at(node).pause();
    for (const NodeIndex inside : core) {
      if (fate == 1 || fate == 2) world_.network.cut(node, inside);
      if (fate == 1 || fate == 3) world_.network.cut(inside, node);
    }
  }
}

void Cluster::cut_everything() {
  for (NodeIndex a; a.value < nodes_.size(); a = a.next()) {
    for (NodeIndex b; b.value < nodes_.size(); b = b.next()) {
      if (a != b) world_.network.cut(a, b);
    }
  }
}

bool Cluster::heads_meet(const std::vector<NodeIndex>& nodes) const {
  const auto runs = [this](NodeIndex node) { return at(node).is_running(); };
  if (!std::all_of(nodes.begin(), nodes.end(), runs)) return false;
  const ledger::BlockHash hash = at(nodes.front()).status().hash;
  return std::all_of(nodes.begin(), nodes.end(), [&](NodeIndex node) {
    return at(node).status().hash == hash && at(node).disk().height() == at(node).status().height;
  });
}

bool Cluster::payments_ended() const {
  const auto& payments = workload_.payments();
  return std::none_of(payments.begin(), payments.end(),
                      [](const auto& entry) { return entry.second.end == PaymentEnd::kOpen; });
}

std::string Cluster::heads() const {
  std::string out;
  for (NodeIndex node; node.value < nodes_.size(); node = node.next()) {
    out += " n" + std::to_string(node.value);
    if (!at(node).is_running()) {
      out += "(down)";
      continue;
    }
    if (at(node).is_paused()) out += "(paused)";
    const node::ReplicaStatus status = at(node).status();
    out += "(h" + std::to_string(status.height.value) + " v" + std::to_string(status.view.value) +
           " final v" + std::to_string(status.finalized_view.value) +
           (status.syncing ? " syncing" : "") + (at(node).votes() ? "" : " mute") + " pool " +
           std::to_string(status.mempool_transactions) + ")";
  }
  return out;
}

std::string Cluster::open_payments() const {
  std::string out;
  std::size_t open = 0;
  const base::UnixMillis now = world_.true_time();
  for (const auto& [id, payment] : workload_.payments()) {
    if (payment.end != PaymentEnd::kOpen || ++open > 3) continue;
    out += " " + base::to_hex(id.view()).substr(0, 8) + " (" + std::string{name(payment.kind)} +
           (world_.checkers.chain.model().applies(payment.sealed.transaction, now)
                ? ", could apply"
                : ", could not apply") +
           ")";
  }
  return std::to_string(open) + " payments are open:" + out;
}

void Cluster::liveness_phase() {
  faults_.stop();
  scenario_.stop();
  const std::vector<NodeIndex> core = draw_core();
  heal(core);
  freeze_outside(core);
  if (world_.options.canary == Canary::kStall) cut_everything();
  workload_.wind_down(core, kLastPayments);
  const base::TimePoint start = world_.scheduler.now();
  const auto converged = [&] { return payments_ended() && heads_meet(core); };
  const bool done = run_until(converged, world_.options.liveness_bound);
  liveness_took_ = world_.scheduler.now() - start;
  if (done) return;
  world_.verdict.fail(FailureClass::kLiveness, "liveness",
                      open_payments() + "; core of " + std::to_string(core.size()) + ";" + heads());
}

void Cluster::recovery_phase() {
  const std::vector<NodeIndex> everyone = honest();
  heal(everyone);
  if (!run_until([&] { return heads_meet(everyone); }, kRecoveryBound)) {
    return world_.verdict.fail(FailureClass::kLiveness, "recovery",
                               "the heads do not meet:" + heads());
  }
  // Without payments only heartbeats become final, and an idle network may give views up.
  const auto all_vote = [&] {
    return std::ranges::all_of(
        everyone, [this](NodeIndex node) { return at(node).is_running() && at(node).votes(); });
  };
  const base::Duration rejoin_bound =
      base::milliseconds(world_.options.consensus.heartbeat_interval_ms) *
          (4 * world_.options.validators + 8) +
      kRecoveryBound;
  if (!run_until(all_vote, rejoin_bound)) {
    return world_.verdict.fail(FailureClass::kLiveness, "recovery",
                               "somebody does not vote again:" + heads());
  }
  if (run_until([&] { return heads_meet(everyone); }, kRecoveryBound)) return;
  world_.verdict.fail(FailureClass::kLiveness, "recovery", "the heads part again:" + heads());
}

void Cluster::check_end() {
  for (const NodeIndex node : honest()) {
    const SimDisk& disk = at(node).disk();
    world_.checkers.promises.at_end(node,
                                    [&](const ledger::TransactionId& id) { return disk.find(id); });
    world_.checkers.chain.at_end(node, disk.load());
  }
}

}  // namespace peerpay::sim
