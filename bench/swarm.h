#pragma once
// Swarm: many TCP connections to one port, driven by one thread: what an attacker who has no keys
// can do.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/time.h"
#include "bench/failure.h"
#include "bench/interruption.h"

namespace peerpay::bench {

struct SwarmPlan {
  std::string address;  // IPv4:port, on this machine
  std::size_t connections = 1;
  std::size_t sources = 1;      // addresses that they come from in turn: loopback.h
  bool reads = true;            // what is answered
  base::Duration reopen_after;  // a connection that the other side ended
  // What connection `index` says after `round` sayings, as soon as they are sent; empty: nothing
  // more.
  std::function<std::string(std::size_t index, std::uint32_t round)> say;
};

struct SwarmCounts {
  std::uint64_t opened = 0;
  std::uint64_t open_at_once = 0;  // at most
  std::uint64_t ended = 0;         // by the other side
  std::uint64_t sayings = 0;       // wholly sent
  std::uint64_t bytes = 0;
};

// Until interrupted. Fails when the system allows too few descriptors.
[[nodiscard]] Result<SwarmCounts> run_swarm(const SwarmPlan& plan, Interruption& interruption);

}  // namespace peerpay::bench
