#include "node/net/outbound_queue.h"

#include <utility>

#include "base/check.h"

namespace peerpay::net {

OutboundQueue::OutboundQueue(const std::size_t (&bytes_max)[kPriorityCount]) {
  for (std::size_t i = 0; i < kPriorityCount; ++i) levels_[i].bytes_max = bytes_max[i];
}

std::size_t OutboundQueue::push(Priority priority, Message message) {
  Level& level = levels_[static_cast<std::size_t>(priority)];
  const std::size_t cost = cost_of(message->size());
  PEERPAY_CHECK(cost <= level.bytes_max, "a message larger than its queue");
  std::size_t dropped = 0;
  while (level.bytes + cost > level.bytes_max) {
    (void)pop(level);
    ++dropped;
  }
  level.bytes += cost;
  level.messages.push_back(std::move(message));
  return dropped;
}

Message OutboundQueue::pop(Level& level) {
  Message message = std::move(level.messages.front());
  level.messages.pop_front();
  level.bytes -= cost_of(message->size());
  return message;
}

std::vector<Message> OutboundQueue::take_frame(std::size_t bytes_target, std::size_t credit) {
  std::vector<Message> frame;
  std::size_t total = 0;
  for (Level& level : levels_) {
    while (!level.messages.empty()) {
      const std::size_t with_next = total + cost_of(level.messages.front()->size());
      if (with_next > credit || (!frame.empty() && with_next > bytes_target)) return frame;
      total = with_next;
      frame.push_back(pop(level));
    }
  }
  return frame;
}

CountByPriority OutboundQueue::clear() {
  CountByPriority dropped{};
  for (std::size_t i = 0; i < kPriorityCount; ++i) {
    dropped[i] = levels_[i].messages.size();
    levels_[i].messages.clear();
    levels_[i].bytes = 0;
  }
  return dropped;
}

bool OutboundQueue::empty() const {
  for (const Level& level : levels_) {
    if (!level.messages.empty()) return false;
  }
  return true;
}

std::size_t OutboundQueue::bytes() const {
  std::size_t total = 0;
  for (const Level& level : levels_) total += level.bytes;
  return total;
}

}  // namespace peerpay::net
