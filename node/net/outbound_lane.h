#pragma once
// OutboundLane: sending to one peer on one lane. Holds the queue and the credit, and writes one
// frame at a time to the stream of the moment, if there is one. Thread-safe; never blocks but for
// its own short lock.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "node/net/outbound_queue.h"
#include "node/net/peer_counters.h"
#include "node/net/peer_types.h"

namespace peerpay::net {

// One dialled stream, as the lane sees it. No call blocks for long or calls back before it returns.
class FrameWriter {
 public:
  virtual ~FrameWriter() = default;
  // Announces a write: on_closed waits until it has been made. REQUIRES: on_ending has not
  // returned.
  virtual void reserve_write() = 0;
  // Encrypts, so it costs time for a large frame. REQUIRES: reserved, and the last write is done
  // (on_written).
  virtual void write(std::vector<Message> frame) = 0;
  // Ends the stream soon; on_closed follows. May be called at any time, any number of times.
  virtual void cancel() = 0;
};

struct StreamEnd {
  std::string reason;
  // The peer says that it took another stream instead. Of this process only by chance: one that
  // was given up before this one was dialled, and that the peer came to late.
  bool is_replaced = false;
};

// What happens to a dialled stream. on_credit and on_written any number of times, perhaps at the
// same time; on_ending once after the last credit, and from its return on no write must be
// reserved; on_closed once after everything else, when the stream has let go of all it held.
class StreamEvents {
 public:
  virtual ~StreamEvents() = default;
  virtual void on_credit(std::uint64_t bytes) = 0;
  virtual void on_written() = 0;
  virtual void on_ending() = 0;
  virtual void on_closed(const StreamEnd& end) = 0;
};

class OutboundLane {
 public:
  OutboundLane(Lane lane, const PeerLimits& limits, PeerCounters& counters);

  // Queues, or drops and counts. REQUIRES: lane_of(priority) is this lane.
  void send(Priority priority, Message message);
  // Writes the next frame when there is one, and credit for it, and no write under way.
  void pump();

  // A dial has begun: `writer` gets frames after its first credit.
  void attach(std::shared_ptr<FrameWriter> writer);
  // True when this made the lane open: the peer accepted the stream.
  [[nodiscard]] bool add_credit(std::uint64_t bytes);
  void on_written();
  // The stream takes no more frames; what waits is dropped.
  void close();
  // Ends the stream, if there is one.
  void cancel();

  [[nodiscard]] bool is_open() const;
  [[nodiscard]] std::size_t queued_bytes() const;
  [[nodiscard]] bool has_queued() const { return queued_bytes() > 0; }

 private:
  // A frame that is to be written once the lock is released, or nothing.
  struct Write {
    std::shared_ptr<FrameWriter> writer;
    std::vector<Message> frame;
  };
  [[nodiscard]] Write next_write_locked();
  static void make(Write write);

  const LaneLimits limits_;
  PeerCounters& counters_;
  mutable std::mutex mutex_;
  OutboundQueue queue_;                  // guarded by mutex_, as all below
  std::shared_ptr<FrameWriter> writer_;  // none while waiting for the next dial
  bool open_ = false;
  bool writing_ = false;
  std::size_t credit_ = 0;
};

}  // namespace peerpay::net
