#include "node/net/peer_types.h"

#include <gtest/gtest.h>

#include "node/net/grpc_process.h"

namespace peerpay::net {
namespace {

using namespace std::chrono_literals;

TEST(PeerLimits, DefaultsMakeSense) { EXPECT_EQ(PeerLimits{}.invalid_reason(), std::nullopt); }

TEST(PeerLimits, CreditAndQueuesMustPassTheLargestMessage) {
  PeerLimits limits;
  limits.bulk.credit_bytes = 2 * cost_of(limits.bulk.message_bytes_max);
  EXPECT_EQ(limits.invalid_reason(), std::nullopt);
  limits.bulk.credit_bytes -= 1;
  EXPECT_NE(limits.invalid_reason(), std::nullopt);

  for (std::size_t i = 0; i < kPriorityCount; ++i) {
    PeerLimits small;
    small.queue_bytes_max[i] = 1000;
    EXPECT_NE(small.invalid_reason(), std::nullopt) << i;
  }
}

TEST(PeerLimits, TimesMustBePositiveAndInOrder) {
  PeerLimits limits;
  limits.keepalive_interval = 99ms;
  EXPECT_NE(limits.invalid_reason(), std::nullopt);
  limits = {};
  limits.keepalive_timeout = 0ms;
  EXPECT_NE(limits.invalid_reason(), std::nullopt);
  limits = {};
  limits.handshake_timeout = 0ms;
  EXPECT_NE(limits.invalid_reason(), std::nullopt);
  limits = {};
  limits.redial_delay_max = limits.redial_delay_min - 1ms;
  EXPECT_NE(limits.invalid_reason(), std::nullopt);
}

TEST(Lanes, VotesHaveTheirOwn) {
  EXPECT_EQ(lane_of(Priority::kVote), Lane::kConsensus);
  EXPECT_EQ(lane_of(Priority::kBlock), Lane::kBulk);
  EXPECT_EQ(lane_of(Priority::kRepair), Lane::kBulk);
  EXPECT_EQ(lane_of(Priority::kTransaction), Lane::kBulk);
}

TEST(EscapeLogLine, LeavesNothingThatATerminalOrALogReaderCouldTakeForItsOwn) {
  EXPECT_EQ(escape_log_line("plain text, 100%"), "plain text, 100%");
  EXPECT_EQ(escape_log_line("a\nb\r\t\x1b[31m"), "a\\x0ab\\x0d\\x09\\x1b[31m");
  EXPECT_EQ(escape_log_line("\\x0a"), "\\\\x0a");
  EXPECT_EQ(escape_log_line("\x7f\xc3\xa9"), "\\x7f\\xc3\\xa9");
  EXPECT_EQ(escape_log_line(std::string_view{"\0", 1}), "\\x00");
}

}  // namespace
}  // namespace peerpay::net
