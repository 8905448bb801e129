#include "node/net/peer_types.h"

#include <algorithm>
#include <array>

namespace peerpay::net {
namespace {

constexpr std::array kPriorities = {Priority::kVote, Priority::kBlock, Priority::kRepair,
                                    Priority::kTransaction};
static_assert(kPriorities.size() == kPriorityCount);

// Half the window may be waiting for its return to the sender (credit_window.h).
bool passes_largest_message(const LaneLimits& lane) {
  return lane.credit_bytes / 2 >= cost_of(lane.message_bytes_max);
}

}  // namespace

std::optional<std::string_view> PeerLimits::invalid_reason() const {
  if (!passes_largest_message(consensus) || !passes_largest_message(bulk)) {
    return "The credit of a lane must be at least twice its largest message.";
  }
  if (std::any_of(kPriorities.begin(), kPriorities.end(), [this](Priority priority) {
        const auto largest = cost_of(lane(lane_of(priority)).message_bytes_max);
        return queue_bytes_max[static_cast<std::size_t>(priority)] < largest;
      })) {
    return "The queue of a priority must have room for its lane's largest message.";
  }
  if (keepalive_interval < std::chrono::milliseconds{100} || keepalive_timeout.count() <= 0) {
    return "The keepalive interval must be at least 100 ms, and its timeout positive.";
  }
  if (connections_max == 0) return "The connections must be at least one.";
  if (handshake_timeout.count() <= 0) return "The handshake timeout must be positive.";
  if (redial_delay_min.count() <= 0 || redial_delay_max < redial_delay_min) {
    return "The redial delays must be positive and in order.";
  }
  return std::nullopt;
}

}  // namespace peerpay::net
