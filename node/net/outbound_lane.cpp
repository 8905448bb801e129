#include "node/net/outbound_lane.h"

#include <algorithm>
#include <utility>

namespace peerpay::net {
namespace {

// No peer has reason to grant more. Keeps the sum of grants from ever wrapping.
constexpr std::size_t kCreditMax = std::size_t{1} << 30;

}  // namespace

OutboundLane::OutboundLane(Lane lane, const PeerLimits& limits, PeerCounters& counters)
    : limits_{limits.lane(lane)}, counters_{counters}, queue_{limits.queue_bytes_max} {}

void OutboundLane::send(Priority priority, Message message) {
  const auto level = static_cast<std::size_t>(priority);
  if (message->size() > limits_.message_bytes_max) {
    count(counters_.dropped_too_large);
    return;
  }
  const std::scoped_lock lock{mutex_};
  if (!open_) {
    count(counters_.dropped_lane_down[level]);
    return;
  }
  const std::size_t dropped = queue_.push(priority, std::move(message));
  if (dropped != 0) count(counters_.dropped_queue_full[level], dropped);
}

void OutboundLane::pump() {
  Write write;
  {
    const std::scoped_lock lock{mutex_};
    write = next_write_locked();
  }
  make(std::move(write));
}

OutboundLane::Write OutboundLane::next_write_locked() {
  if (!open_ || writing_) return {};
  auto frame = queue_.take_frame(limits_.frame_bytes_target, credit_);
  if (frame.empty()) return {};
  std::size_t bytes = 0;
  for (const Message& message : frame) bytes += message->size();
  credit_ -= bytes + frame.size() * kMessageOverheadBytes;
  writing_ = true;
  count(counters_.frames_sent);
  count(counters_.messages_sent, frame.size());
  count(counters_.bytes_sent, bytes);
  writer_->reserve_write();
  return {writer_, std::move(frame)};
}

void OutboundLane::make(Write write) {
  if (write.writer) write.writer->write(std::move(write.frame));
}

void OutboundLane::attach(std::shared_ptr<FrameWriter> writer) {
  const std::scoped_lock lock{mutex_};
  writer_ = std::move(writer);
}

bool OutboundLane::add_credit(std::uint64_t bytes) {
  Write write;
  bool opens = false;
  {
    const std::scoped_lock lock{mutex_};
    opens = !std::exchange(open_, true);
    credit_ += static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kCreditMax - credit_));
    write = next_write_locked();
  }
  make(std::move(write));
  return opens;
}

void OutboundLane::on_written() {
  Write write;
  {
    const std::scoped_lock lock{mutex_};
    writing_ = false;
    write = next_write_locked();
  }
  make(std::move(write));
}

void OutboundLane::close() {
  std::shared_ptr<FrameWriter> writer;  // released outside the lock
  const std::scoped_lock lock{mutex_};
  writer = std::move(writer_);
  open_ = false;
  writing_ = false;
  credit_ = 0;
  const auto dropped = queue_.clear();
  for (std::size_t i = 0; i < dropped.size(); ++i) {
    if (dropped[i] != 0) count(counters_.dropped_lane_down[i], dropped[i]);
  }
}

void OutboundLane::cancel() {
  std::shared_ptr<FrameWriter> writer;
  {
    const std::scoped_lock lock{mutex_};
    writer = writer_;
  }
  if (writer) writer->cancel();
}

bool OutboundLane::is_open() const {
  const std::scoped_lock lock{mutex_};
  return open_;
}

std::size_t OutboundLane::queued_bytes() const {
  const std::scoped_lock lock{mutex_};
  return queue_.bytes();
}

}  // namespace peerpay::net
