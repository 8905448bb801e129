#pragma once
// World: what every part of a run shares, and the genesis of its network.

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>

#include "consensus/messages.h"
#include "consensus/types.h"
#include "ledger/genesis.h"
#include "node/core/config.h"
#include "node/core/messages.h"
#include "tests/sim/audit.h"
#include "tests/sim/behaviour_oracle.h"
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

// Where a turn of a node may be cut off: behaviour B18.
enum class CrashPoint : std::uint8_t {
  kBeforeAppend,  // decided, and nothing of it on disk
  kBeforeSync,    // appended
  kBeforeSend,    // synced
  kAmidSending,   // some peers have it
  kAfterSending,  // and nothing was stored or answered yet
};
inline constexpr CrashPoint kCrashPoints[] = {CrashPoint::kBeforeAppend, CrashPoint::kBeforeSync,
                                              CrashPoint::kBeforeSend, CrashPoint::kAmidSending,
                                              CrashPoint::kAfterSending};
// As a place that runs visit.
[[nodiscard]] std::string_view name(CrashPoint point);

struct World {
  explicit World(const Options& o);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // False once more validators are Byzantine than the protocol bears: then certificates prove
  // nothing, and two honest nodes may end on two chains.
  [[nodiscard]] bool quorums_hold() const {
    return options.behaviour != Behaviour::kTooManyByzantine;
  }
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
  const ledger::Network ledger_network;
  const ledger::Genesis& genesis = ledger_network.genesis;
  const ledger::ChainId& chain = ledger_network.chain;
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
  BehaviourOracle oracle;
  // What the network loses on purpose, beside what it loses by chance; empty: nothing.
  std::function<bool(NodeIndex from, NodeIndex to, const node::PeerMessage&)> loses;
  // Whether a node's process ends here; empty: never.
  std::function<bool(NodeIndex, CrashPoint)> ends_at;
  // A node has stopped by itself: its disk failed, or it noticed what it had forgotten.
  std::function<void(NodeIndex)> on_stopped;
};

}  // namespace peerpay::sim
