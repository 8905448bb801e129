#pragma once
// World: what every part of a run shares, and the genesis of its network.

#include <cstdint>
#include <map>
#include <string_view>

#include "consensus/messages.h"
#include "consensus/types.h"
#include "ledger/genesis.h"
#include "node/core/config.h"
#include "tests/sim/audit.h"
#include "tests/sim/checkers.h"
#include "tests/sim/keyring.h"
#include "tests/sim/network.h"
#include "tests/sim/options.h"
#include "tests/sim/scheduler.h"
#include "tests/sim/trace.h"
#include "tests/sim/verdict.h"

namespace peerpay::sim {

// Virtual time zero on a true wall clock.
inline constexpr std::uint64_t kEpochMs = 1'700'000'000'000;

[[nodiscard]] ledger::Genesis make_genesis(const Options& options, const Keyring& keyring);

// Which validators obey the protocol: all but the last `byzantine`.
[[nodiscard]] inline bool is_honest(const Options& options, NodeIndex process) {
  return process.value + options.byzantine < options.validators;
}
// The validator that a process runs as: a twin, numbered after all validators, as one of the last
// ones.
[[nodiscard]] inline NodeIndex validator_of(const Options& options, NodeIndex process) {
  return process.value < options.validators ? process
                                            : NodeIndex{process.value - options.byzantine};
}

struct World {
  explicit World(const Options& o);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] base::UnixMillis true_time() const {
    return {kEpochMs + static_cast<std::uint64_t>(scheduler.now().microseconds / 1000)};
  }
  // Notes that a run has been somewhere: what no run reaches is a blind spot.
  void visited(std::string_view place) { ++visits[place]; }
  void trace_line(TraceLine line) {
    line.time = scheduler.now();
    trace.add(line);
  }

  const Options options;
  const Keyring keyring;
  const ledger::Genesis genesis;
  const ledger::ChainId chain;
  const consensus::Context context;
  const consensus::ValidatorSet validators;
  const node::ReplicaConfig replica_config;
  base::Rng rng;  // to seed the parts' own
  Scheduler scheduler;
  SimNetwork network;
  Audit audit;
  Trace trace;
  std::map<std::string_view, std::uint64_t> visits;  // by string literal
  Verdict verdict;
  Checkers checkers;
};

}  // namespace peerpay::sim
