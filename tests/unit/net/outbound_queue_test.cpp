#include "node/net/outbound_queue.h"

#include <gtest/gtest.h>

namespace peerpay::net {
namespace {

constexpr std::size_t kUnlimited = std::size_t{1} << 40;

Message message(std::uint8_t name, std::size_t cost = 1'000) {
  return std::make_shared<const base::Bytes>(cost - kMessageOverheadBytes, name);
}

// The first byte of each.
std::vector<int> names(const std::vector<Message>& frame) {
  std::vector<int> out;
  out.reserve(frame.size());
  for (const Message& m : frame) out.push_back((*m)[0]);
  return out;
}

// Each priority has room for 4.
OutboundQueue small_queue() {
  const std::size_t bytes_max[kPriorityCount] = {4'000, 4'000, 4'000, 4'000};
  return OutboundQueue{bytes_max};
}

TEST(OutboundQueue, TakesByPriorityAndThenInOrder) {
  auto queue = small_queue();
  queue.push(Priority::kTransaction, message(7));
  queue.push(Priority::kRepair, message(5));
  queue.push(Priority::kBlock, message(3));
  queue.push(Priority::kBlock, message(4));
  queue.push(Priority::kVote, message(1));
  queue.push(Priority::kRepair, message(6));
  EXPECT_EQ(queue.bytes(), 6'000U);
  EXPECT_EQ(names(queue.take_frame(kUnlimited, kUnlimited)), (std::vector{1, 3, 4, 5, 6, 7}));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST(OutboundQueue, DropsTheOldestOfTheSamePriorityAlone) {
  auto queue = small_queue();
  queue.push(Priority::kVote, message(100));
  for (std::uint8_t i = 0; i < 4; ++i)
    EXPECT_EQ(queue.push(Priority::kTransaction, message(i)), 0U);
  EXPECT_EQ(queue.push(Priority::kTransaction, message(4)), 1U);
  EXPECT_EQ(queue.push(Priority::kTransaction, message(5, 3'000)), 3U);
  EXPECT_EQ(names(queue.take_frame(kUnlimited, kUnlimited)), (std::vector{100, 4, 5}));
}

TEST(OutboundQueue, AFrameHoldsUpToTheTargetAndAtLeastOne) {
  auto queue = small_queue();
  for (std::uint8_t i = 0; i < 4; ++i) queue.push(Priority::kBlock, message(i));
  EXPECT_EQ(names(queue.take_frame(2'000, kUnlimited)), (std::vector{0, 1}));
  EXPECT_EQ(names(queue.take_frame(1, kUnlimited)), (std::vector{2}));
  EXPECT_EQ(names(queue.take_frame(2'000, kUnlimited)), (std::vector{3}));
  EXPECT_TRUE(queue.take_frame(2'000, kUnlimited).empty());
}

TEST(OutboundQueue, NothingOvertakesAMessageThatWaitsForCredit) {
  auto queue = small_queue();
  queue.push(Priority::kBlock, message(1, 3'640));
  queue.push(Priority::kTransaction, message(2));
  EXPECT_TRUE(queue.take_frame(kUnlimited, 3'639).empty());
  EXPECT_EQ(names(queue.take_frame(kUnlimited, 3'640)), (std::vector{1}));
  EXPECT_TRUE(queue.take_frame(kUnlimited, 0).empty());
  EXPECT_EQ(names(queue.take_frame(kUnlimited, 1'000)), (std::vector{2}));
}

TEST(OutboundQueue, ClearCountsWhatItDrops) {
  auto queue = small_queue();
  queue.push(Priority::kBlock, message(1));
  queue.push(Priority::kBlock, message(2));
  queue.push(Priority::kTransaction, message(3));
  EXPECT_EQ(queue.clear(), (CountByPriority{0, 2, 0, 1}));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.bytes(), 0U);
}

}  // namespace
}  // namespace peerpay::net
