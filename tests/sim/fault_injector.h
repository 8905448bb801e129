#pragma once
// FaultInjector: crashes, pauses, partitions, clock jumps and what goes wrong with disks, at the
// times that the seed says, until it is told to stop.
//
// No fault destroys what no quorum could bring back: a node loses what it promised, or what it
// stored, only while the honest nodes that have lost nothing are more than a quorum. (The idea is
// the fault atlas of TigerBeetle's VOPR.)

#include <functional>
#include <memory>
#include <vector>

#include "tests/sim/node.h"
#include "tests/sim/world.h"

namespace peerpay::sim {

struct FaultStats {
  std::uint64_t crashes = 0;
  std::uint64_t crashes_of_all = 0;
  std::uint64_t partitions = 0;
  std::uint64_t clock_jumps = 0;
  std::uint64_t pauses = 0;
  std::uint64_t pauses_of_all = 0;
  std::uint64_t disk_errors = 0;
};

class FaultInjector {
 public:
  using Nodes = std::vector<std::unique_ptr<SimNode>>;
  // Both must outlive the injector.
  FaultInjector(World& world, Nodes& nodes);

  void start();
  // Nothing new happens from now on; what is broken stays broken.
  void stop() { active_ = false; }

  [[nodiscard]] const FaultStats& stats() const { return stats_; }

 private:
  void repeat(base::Duration interval_mean, void (FaultInjector::*fault)());
  void crash();
  void crash_one(NodeIndex node);
  void restart_later(SimNode& node);
  void harm_disk(SimNode& node);
  void pause();
  void pause_one(SimNode& node, base::Duration duration);
  void fail_a_disk();
  void copy_a_disk();
  void partition();
  void jump_clock();
  [[nodiscard]] std::uint32_t down() const;
  [[nodiscard]] bool may_lose_a_voter() const;
  [[nodiscard]] NodeIndex any_node();
  [[nodiscard]] std::int64_t either_way(std::uint64_t max);

  World& world_;
  Nodes& nodes_;
  base::Rng rng_;
  bool active_ = false;
  FaultStats stats_;
};

}  // namespace peerpay::sim
