#pragma once
// Scenario: the behaviours that no validator is to blame for, or that need the network's help: B7,
// B17 to B22, and the watch over who is censored in B24. It schedules what happens and judges, at
// the end, what came of it.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "tests/sim/node.h"
#include "tests/sim/workload.h"
#include "tests/sim/world.h"

namespace peerpay::sim {

class Scenario {
 public:
  using Nodes = std::vector<std::unique_ptr<SimNode>>;
  // All must outlive the scenario.
  Scenario(World& world, Nodes& nodes, const Workload& workload);

  void start();
  // The end of the phase with faults.
  void stop();
  // The end of the run.
  void finish();

 private:
  struct ShareOfViews {
    std::uint64_t part;
    std::uint64_t of;
    std::uint64_t more;
  };

  void split_views();
  void crash_between();
  void restore_a_copy();
  void cut_one_way();
  void fall_silent();
  void watch_censored();
  void look_for_censored();
  [[nodiscard]] ledger::Height height() const { return world_.checkers.chain.height(); }
  [[nodiscard]] std::vector<SimNode*> honest();
  [[nodiscard]] std::uint64_t views_nullified() const;
  void check_views_cost();
  void check_views_given_up(ShareOfViews share);

  struct Censored {
    ledger::Height since;
    base::UnixMillis pooled_at;
  };

  World& world_;
  Nodes& nodes_;
  const Workload& workload_;
  base::Rng rng_;
  bool active_ = false;
  ledger::Height height_at_stop_;
  ledger::Height height_after_act_;
  bool must_notice_ = false;  // the copy, because others hold votes that it lacks
  std::optional<NodeIndex> cut_off_;
  std::set<std::pair<consensus::View, NodeIndex>> hidden_;  // certificates that were lost once
  std::map<ledger::TransactionId, Censored> censored_;
};

}  // namespace peerpay::sim
