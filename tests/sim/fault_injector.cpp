#include "tests/sim/fault_injector.h"

#include <algorithm>
#include <utility>

namespace peerpay::sim {

FaultInjector::FaultInjector(World& world, Nodes& nodes)
    : world_{world}, nodes_{nodes}, rng_{world.rng.next()} {}

void FaultInjector::start() {
  active_ = true;
  const FaultOptions& options = world_.options.faults;
  for (auto& node : nodes_) node->set_skew(either_way(options.clock_skew_ms_max));
  repeat(options.crash_interval_mean, &FaultInjector::crash);
  repeat(options.partition_interval_mean, &FaultInjector::partition);
  repeat(options.clock_jump_interval_mean, &FaultInjector::jump_clock);
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
    return is_honest(world_.options, node->process()) && node->may_vote();
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
  if (rng_.chance(world_.options.faults.sign_log_loss_permille, 1000) && may_lose_a_voter()) {
    victim.lose_sign_log();
  }
  world_.scheduler.after(draw_interval(world_.options.faults.down_mean, rng_), [this, &victim] {
    if (active_ && !victim.is_running()) victim.start();
  });
}

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
