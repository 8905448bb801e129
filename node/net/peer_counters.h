#pragma once
// The live counters behind PeerNetworkCounters. Each is a number of its own: they need no common
// lock.

#include <array>
#include <atomic>
#include <cstdint>

#include "node/net/peer_types.h"

namespace peerpay::net {

struct PeerCounters {
  using Counter = std::atomic<std::uint64_t>;
  Counter messages_sent = 0;
  Counter frames_sent = 0;
  Counter bytes_sent = 0;
  Counter messages_received = 0;
  Counter frames_received = 0;
  Counter bytes_received = 0;
  std::array<Counter, kPriorityCount> dropped_queue_full{};
  std::array<Counter, kPriorityCount> dropped_lane_down{};
  Counter dropped_too_large = 0;
  Counter dials = 0;
  Counter dials_failed = 0;
  Counter handshakes_refused = 0;
  Counter streams_refused = 0;
  Counter streams_replaced = 0;
  Counter streams_cut = 0;
};

inline void count(PeerCounters::Counter& counter, std::uint64_t by = 1) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

}  // namespace peerpay::net
