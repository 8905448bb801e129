#pragma once
// What waits to be sent to one peer on one lane. Bounded for each priority apart: when one is full,
// its own oldest messages go, because they are the ones most likely to be out of date. Plain data,
// no thread rule.

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "node/net/peer_types.h"

namespace peerpay::net {

using Message = std::shared_ptr<const base::Bytes>;
using CountByPriority = std::array<std::size_t, kPriorityCount>;

class OutboundQueue {
 public:
  // `bytes_max` by Priority, message overhead included (cost_of).
  explicit OutboundQueue(const std::size_t (&bytes_max)[kPriorityCount]);

  // Returns how many messages of this priority were dropped to make room.
  // REQUIRES: cost_of(message) <= bytes_max of the priority.
  std::size_t push(Priority priority, Message message);

  // The messages of the next frame: highest priority first, then in the order of push, up to
  // `bytes_target` but at least one, and never above `credit`. When the first message has to wait
  // for credit, so do all behind it: small ones must not eat up what a block is waiting for.
  [[nodiscard]] std::vector<Message> take_frame(std::size_t bytes_target, std::size_t credit);

  // Drops everything; returns how many messages of each priority that was.
  CountByPriority clear();

  [[nodiscard]] bool empty() const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Level {
    std::deque<Message> messages;
    std::size_t bytes = 0;
    std::size_t bytes_max = 0;
  };
  static Message pop(Level& level);
  std::array<Level, kPriorityCount> levels_;
};

}  // namespace peerpay::net
