#pragma once
// Cluster: one run. n real replicas, their disks, the network between them, clients, faults, and
// the checkers.
//
//   safety     every fault the seed drew; nothing may contradict
//   liveness   a quorum of honest nodes is healed and restarted; every fault outside it is frozen
//   for good. Each payment
//              must end, and the heads of the quorum must meet, within a bound
//   recovery   everyone is healed: all honest nodes must end on the same chain, with everything
//   that was promised

#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/fault_injector.h"
#include "tests/sim/node.h"
#include "tests/sim/options.h"
#include "tests/sim/scenario.h"
#include "tests/sim/workload.h"
#include "tests/sim/world.h"

namespace peerpay::sim {

struct RunReport {
  std::optional<Failure> failure;
  crypto::Hash audit;
  base::TimePoint end;
  base::Duration liveness_took;
  std::uint64_t steps = 0;
  std::uint64_t height = 0;
  std::uint64_t submissions = 0;
  std::uint64_t promised_final = 0;
  std::uint64_t promised_never = 0;
  NetworkStats network;
  FaultStats faults;
  std::vector<KindCount> payments;  // by PaymentKind
  std::map<std::string_view, std::uint64_t> visits;
  std::uint64_t behaviour_acts = 0;
  std::uint64_t behaviour_witnesses = 0;
};

class Cluster {
 public:
  explicit Cluster(const Options& options);

  // All phases, or up to the first failure.
  [[nodiscard]] RunReport run();

  void print_trace_to(std::FILE* stream) { world_.trace.print_to(stream); }
  [[nodiscard]] std::vector<std::string> last_trace() const { return world_.trace.last(); }

 private:
  using Condition = std::function<bool()>;
  void run_for(base::Duration duration);
  // False when `condition` did not come true within `bound`.
  [[nodiscard]] bool run_until(const Condition& condition, base::Duration bound);
  [[nodiscard]] bool failed() const { return world_.verdict.failure().has_value(); }

  void start();
  void divide_twins();
  void safety_phase();
  void liveness_phase();
  void recovery_phase();
  void check_end();

  [[nodiscard]] std::vector<NodeIndex> draw_core();
  void freeze_outside(const std::vector<NodeIndex>& core);
  void heal(const std::vector<NodeIndex>& nodes);
  void cut_everything();
  [[nodiscard]] bool heads_meet(const std::vector<NodeIndex>& nodes) const;
  [[nodiscard]] bool payments_ended() const;
  [[nodiscard]] std::string open_payments() const;
  [[nodiscard]] std::string heads() const;
  [[nodiscard]] std::vector<NodeIndex> honest() const;
  [[nodiscard]] SimNode& at(NodeIndex node) { return *nodes_[node.value]; }
  [[nodiscard]] const SimNode& at(NodeIndex node) const { return *nodes_[node.value]; }

  World world_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  Workload workload_;
  FaultInjector faults_;
  Scenario scenario_;
  base::Rng rng_;
  base::Duration liveness_took_;
};

}  // namespace peerpay::sim
