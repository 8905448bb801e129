#pragma once
// What the links between validators carry, and how much of it (docs/spec/wire.md).

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/strong.h"
#include "ledger/genesis.h"

namespace peerpay::net {

// A validator, as its position in the genesis.
using PeerIndex = base::Strong<struct PeerIndexTag, std::uint32_t>;

// Lower goes first. Same numbers as the core's.
enum class Priority : std::uint8_t { kVote = 0, kBlock = 1, kRepair = 2, kTransaction = 3 };
inline constexpr std::size_t kPriorityCount = 4;

// Each lane is a TCP connection of its own, in each direction: votes never wait behind a block.
enum class Lane : std::uint8_t { kConsensus = 0, kBulk = 1 };
inline constexpr std::size_t kLaneCount = 2;
[[nodiscard]] constexpr Lane lane_of(Priority priority) {
  return priority == Priority::kVote ? Lane::kConsensus : Lane::kBulk;
}

// Counted against queues and credit for each message beside its bytes: the receiver's bookkeeping,
// so that a flood of empty messages is bounded too. Part of the protocol.
inline constexpr std::size_t kMessageOverheadBytes = 512;
[[nodiscard]] constexpr std::size_t cost_of(std::size_t message_bytes) {
  return message_bytes + kMessageOverheadBytes;
}

struct Peer {
  PeerIndex index;
  std::string name;     // for logs and status
  std::string address;  // host:port of its peer listener
  ledger::TlsPin pin;
};

// One lane. Both ends must agree on message_bytes_max; the others are each node's own choice.
struct LaneLimits {
  std::size_t message_bytes_max;
  std::size_t frame_bytes_target;  // small messages are sent together up to this size
  std::size_t credit_bytes;        // that a peer may have on its way to us or waiting in us
};

struct PeerLimits {
  LaneLimits consensus{.message_bytes_max = 256 * 1024,
                       .frame_bytes_target = 16 * 1024,
                       .credit_bytes = 1024 * 1024};
  LaneLimits bulk{.message_bytes_max = 4 * 1024 * 1024,
                  .frame_bytes_target = 64 * 1024,
                  .credit_bytes = 16 * 1024 * 1024};
  // Waiting for one peer, by Priority. When one overflows, its own oldest messages go; a flood of
  // one kind never displaces another.
  std::size_t queue_bytes_max[kPriorityCount] = {1024 * 1024, 16 * 1024 * 1024, 16 * 1024 * 1024,
                                                 8 * 1024 * 1024};
  std::size_t connections_max = 256;  // accepted; then the source with most gives its newest
  std::chrono::milliseconds keepalive_interval{2'000};  // of silence, then a ping
  std::chrono::milliseconds keepalive_timeout{1'000};   // without an answer: the connection is dead
  std::chrono::milliseconds handshake_timeout{5'000};   // TCP, TLS and the first credit together
  std::chrono::milliseconds redial_delay_min{50};       // doubles with each failure in a row
  std::chrono::milliseconds redial_delay_max{2'000};

  [[nodiscard]] const LaneLimits& lane(Lane lane) const {
    return lane == Lane::kConsensus ? consensus : bulk;
  }
  // One sentence when a rule is broken: a queue or a credit that could never pass a message of the
  // largest size, a keepalive that the other side takes for an attack, delays in the wrong order.
  [[nodiscard]] std::optional<std::string_view> invalid_reason() const;
};

}  // namespace peerpay::net
