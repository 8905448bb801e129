#include "node/net/outbound_lane.h"

#include <gtest/gtest.h>

namespace peerpay::net {
namespace {

class FakeWriter final : public FrameWriter {
 public:
  void reserve_write() override { ++reserved; }
  void write(std::vector<Message> frame) override {
    --reserved;
    frames.push_back(frame.size());
  }
  void cancel() override { ++cancels; }
  std::vector<std::size_t> frames;  // how many messages in each
  int reserved = 0;
  int cancels = 0;
};

constexpr std::size_t kBytes = 1'000 - kMessageOverheadBytes;

Message message(std::size_t size) { return std::make_shared<const base::Bytes>(size); }

struct OutboundLaneTest : ::testing::Test {
  // Room for 4 waiting messages of kBytes, which cost 1,000.
  static PeerLimits limits() {
    PeerLimits out;
    out.bulk = {.message_bytes_max = kBytes, .frame_bytes_target = 2000, .credit_bytes = 10'000};
    out.queue_bytes_max[static_cast<std::size_t>(Priority::kTransaction)] = 4000;
    return out;
  }
  void open(std::uint64_t credit) {
    lane.attach(writer);
    EXPECT_TRUE(lane.add_credit(credit));
  }
  void send(std::size_t size = kBytes) {
    lane.send(Priority::kTransaction, message(size));
    lane.pump();
  }
  std::uint64_t dropped(const std::array<PeerCounters::Counter, kPriorityCount>& by_priority) {
    return by_priority[static_cast<std::size_t>(Priority::kTransaction)];
  }

  PeerCounters counters;
  OutboundLane lane{Lane::kBulk, limits(), counters};
  std::shared_ptr<FakeWriter> writer = std::make_shared<FakeWriter>();
};

TEST_F(OutboundLaneTest, DropsUntilItIsOpen) {
  send();
  lane.attach(writer);
  send();
  EXPECT_FALSE(lane.is_open());
  EXPECT_EQ(dropped(counters.dropped_lane_down), 2U);
  EXPECT_TRUE(lane.add_credit(10'000));
  EXPECT_FALSE(lane.add_credit(1));
  EXPECT_TRUE(lane.is_open());
  send();
  EXPECT_EQ(writer->frames, (std::vector<std::size_t>{1}));
}

TEST_F(OutboundLaneTest, SendsTogetherWhatWaitedForTheLastFrame) {
  open(10'000);
  send();
  send();
  send();
  send();
  EXPECT_EQ(writer->frames, (std::vector<std::size_t>{1}));
  lane.on_written();
  EXPECT_EQ(writer->frames, (std::vector<std::size_t>{1, 2}));
  lane.on_written();
  EXPECT_EQ(writer->frames, (std::vector<std::size_t>{1, 2, 1}));
  EXPECT_EQ(counters.messages_sent, 4U);
  EXPECT_EQ(counters.frames_sent, 3U);
  EXPECT_EQ(counters.bytes_sent, 4U * kBytes);
  EXPECT_EQ(writer->reserved, 0);
}

TEST_F(OutboundLaneTest, NeverSendsBeyondItsCredit) {
  open(1999);
  send();
  lane.on_written();
  send();
  EXPECT_EQ(writer->frames.size(), 1U);
  EXPECT_FALSE(lane.add_credit(1));
  EXPECT_EQ(writer->frames.size(), 2U);
}

TEST_F(OutboundLaneTest, HugeGrantsDoNotWrap) {
  open(UINT64_MAX);
  EXPECT_FALSE(lane.add_credit(UINT64_MAX));
  send();
  EXPECT_EQ(writer->frames.size(), 1U);
}

TEST_F(OutboundLaneTest, CountsWhatAFullQueueAndALargeMessageLose) {
  open(0);
  for (int i = 0; i < 6; ++i) send();
  EXPECT_EQ(dropped(counters.dropped_queue_full), 2U);
  EXPECT_EQ(lane.queued_bytes(), 4000U);
  send(kBytes + 1);
  EXPECT_EQ(counters.dropped_too_large, 1U);
}

TEST_F(OutboundLaneTest, ClosingDropsTheQueueAndForgetsTheCredit) {
  open(1000);
  send();
  send();
  lane.close();
  EXPECT_FALSE(lane.is_open());
  EXPECT_EQ(dropped(counters.dropped_lane_down), 1U);
  EXPECT_EQ(lane.queued_bytes(), 0U);

  open(0);
  send();
  EXPECT_EQ(writer->frames.size(), 1U);
  EXPECT_FALSE(lane.add_credit(1000));
  EXPECT_EQ(writer->frames.size(), 2U);
}

TEST_F(OutboundLaneTest, CancelReachesTheStreamOfTheMoment) {
  lane.cancel();
  EXPECT_EQ(writer->cancels, 0);
  lane.attach(writer);
  lane.cancel();
  EXPECT_EQ(writer->cancels, 1);
  lane.close();
  lane.cancel();
  EXPECT_EQ(writer->cancels, 1);
}

}  // namespace
}  // namespace peerpay::net
