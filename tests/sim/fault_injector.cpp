#include "tests/sim/fault_injector.h"

#include <algorithm>
#include <utility>

namespace peerpay::sim {

FaultInjector::FaultInjector(World& world, Nodes& nodes)
    : world_{world}, nodes_{nodes}, rng_{world.rng.next()} {
  // Whoever stopped by itself is started again by its operator, whatever the phase.
  world_.on_stopped = [this](NodeIndex node) {
    world_.scheduler.after(draw_interval(world_.options.faults.down_mean, rng_), [this, node] {
      if (!nodes_[node.value]->is_running()) nodes_[node.value]->start();
    });
  };
}

void FaultInjector::start() {
  active_ = true;
  const FaultOptions& options = world_.options.faults;
  for (auto& node : nodes_) node->set_skew(either_way(options.clock_skew_ms_max));
  repeat(options.crash_interval_mean, &FaultInjector::crash);
  repeat(options.partition_interval_mean, &FaultInjector::partition);
  repeat(options.clock_jump_interval_mean, &FaultInjector::jump_clock);
  repeat(options.pause_interval_mean, &FaultInjector::pause);
  repeat(options.disk_error_interval_mean, &FaultInjector::fail_a_disk);
  if (options.disk_copy_permille > 0) repeat(base::milliseconds(500), &FaultInjector::copy_a_disk);
}

void FaultInjector::repeat(base::Duration interval_mean, void (FaultInjector::*fault)()) {
  if (interval_mean.microseconds == 0) return;
  world_.scheduler.after(draw_interval(interval_mean, rng_), [this, interval_mean, fault] {
    if (!active_) return;
    (this->*fault)();
    repeat(interval_mean, fault);
  });
}

NodeIndex FaultInjector::any_node() {
  return {static_cast<std::uint32_t>(rng_.below(nodes_.size()))};
}

std::int64_t FaultInjector::either_way(std::uint64_t max) {
  return static_cast<std::int64_t>(rng_.between(0, 2 * max)) - static_cast<std::int64_t>(max);
}

std::uint32_t FaultInjector::down() const {
  return static_cast<std::uint32_t>(std::count_if(
      nodes_.begin(), nodes_.end(), [](const auto& node) { return !node->is_running(); }));
}

// With one voter less there must still be a quorum of honest ones.
bool FaultInjector::may_lose_a_voter() const {
  const auto honest_voters = std::count_if(nodes_.begin(), nodes_.end(), [this](const auto& node) {
    return is_honest(world_.options, node->process()) && node->is_trusted();
  });
  return honest_voters > static_cast<std::ptrdiff_t>(quorum_of(world_.options.validators));
}

void FaultInjector::crash() {
  if (rng_.chance(world_.options.faults.crash_all_permille, 1000)) {
    ++stats_.crashes_of_all;
    for (NodeIndex node; node.value < nodes_.size(); node = node.next()) crash_one(node);
    return;
  }
  const std::uint32_t down_max = std::max<std::uint32_t>(1, (world_.options.validators - 1) / 3);
  if (down() < down_max) crash_one(any_node());
}

void FaultInjector::crash_one(NodeIndex node) {
  SimNode& victim = *nodes_[node.value];
  if (!victim.is_running()) return;
  ++stats_.crashes;
  victim.crash();
  harm_disk(victim);
  restart_later(victim);
}

void FaultInjector::restart_later(SimNode& node) {
  world_.scheduler.after(draw_interval(world_.options.faults.down_mean, rng_), [this, &node] {
    if (active_ && !node.is_running()) node.start();
  });
}

// At most one thing, and nothing to a Byzantine node, whose disk nobody relies on.
void FaultInjector::harm_disk(SimNode& node) {
  const FaultOptions& faults = world_.options.faults;
  if (!is_honest(world_.options, node.process()) || !node.is_trusted() || !may_lose_a_voter())
    return;
  if (rng_.chance(faults.sign_log_loss_permille, 1000)) return node.lose_sign_log();
  if (rng_.chance(faults.disk_loss_permille, 1000)) return node.lose_disk();
  if (rng_.chance(faults.sign_log_damage_permille, 1000)) return node.damage_sign_log();
  if (rng_.chance(faults.store_damage_permille, 1000)) return node.damage_store();
  if (node.has_disk_copy() && rng_.chance(faults.disk_copy_permille, 1000))
    node.restore_disk_copy();
}

void FaultInjector::pause() {
  ++stats_.pauses;
  const base::Duration duration = draw_interval(world_.options.faults.pause_mean, rng_);
  if (!rng_.chance(world_.options.faults.pause_all_permille, 1000))
    return pause_one(*nodes_[any_node().value], duration);
  ++stats_.pauses_of_all;
  world_.visited("pause of all nodes");
  for (auto& node : nodes_) pause_one(*node, duration);
}

void FaultInjector::pause_one(SimNode& node, base::Duration duration) {
  if (!node.is_running() || node.is_paused()) return;
  node.pause();
  world_.scheduler.after(duration, [this, &node] {
    if (active_ && node.is_paused()) node.go_on();
  });
}

void FaultInjector::fail_a_disk() {
  ++stats_.disk_errors;
  const auto what = rng_.chance(1, 2) ? SimDisk::Failing::kWrite : SimDisk::Failing::kSync;
  nodes_[any_node().value]->fail_disk(what);
}

void FaultInjector::copy_a_disk() { nodes_[any_node().value]->keep_disk_copy(); }

// One node or a random half against the rest; both ways or one.
void FaultInjector::partition() {
  ++stats_.partitions;
  const bool one_way = rng_.chance(world_.options.faults.partition_one_way_permille, 1000);
  std::vector<bool> inside(nodes_.size());
  if (rng_.chance(1, 2)) {
    inside[any_node().value] = true;
  } else {
    std::generate(inside.begin(), inside.end(), [this] { return rng_.chance(1, 2); });
  }
  std::vector<std::pair<NodeIndex, NodeIndex>> cuts;
  for (NodeIndex a; a.value < nodes_.size(); a = a.next()) {
    for (NodeIndex b; b.value < nodes_.size(); b = b.next()) {
      if (!inside[a.value] || inside[b.value]) continue;
      cuts.emplace_back(a, b);
      if (!one_way) cuts.emplace_back(b, a);
    }
  }
  for (const auto& [from, to] : cuts) world_.network.cut(from, to);
  world_.scheduler.after(draw_interval(world_.options.faults.partition_mean, rng_), [this, cuts] {
    if (!active_) return;
    for (const auto& [from, to] : cuts) world_.network.heal(from, to);
  });
}

void FaultInjector::jump_clock() {
  ++stats_.clock_jumps;
  nodes_[any_node().value]->jump_clock(either_way(world_.options.faults.clock_jump_ms_max));
}

}  // namespace peerpay::sim
