#include "node/net/forgery_watch.h"

#include <gtest/gtest.h>

#include <memory>

#include "node/net/caller.h"
#include "node/net/forgery_guard.h"

namespace peerpay::net {
namespace {

struct ForgeryWatchTest : ::testing::Test {
  bool sends(const std::string& host, std::size_t count) {
    return watch.is_flood(host, count, now);
  }

  ForgeryWatch watch;
  base::TimePoint now{1'000'000};
};

TEST_F(ForgeryWatchTest, AFewAreNoFlood) {
  for (std::size_t i = 0; i < kForgeriesBurst; ++i) EXPECT_FALSE(sends("a", 1)) << i;
  EXPECT_TRUE(sends("a", 1));
}

TEST_F(ForgeryWatchTest, ThoseOfAHostCountTogetherAndOthersDoNot) {
  EXPECT_FALSE(sends("a", kForgeriesBurst));
  EXPECT_FALSE(sends("b", kForgeriesBurst));
  EXPECT_TRUE(sends("a", 1));
  EXPECT_TRUE(sends("b", 1));
}

TEST_F(ForgeryWatchTest, OneInAnIntervalIsForgiven) {
  EXPECT_FALSE(sends("a", kForgeriesBurst));
  for (std::size_t i = 0; i < 10 * kForgeriesBurst; ++i) {
    now = now + kForgeryInterval;
    EXPECT_FALSE(sends("a", 1)) << i;
  }
  EXPECT_TRUE(sends("a", 1));
}

TEST_F(ForgeryWatchTest, WhoStopsIsHeardAgainWithinAMinute) {
  EXPECT_TRUE(sends("a", 1'000'000'000));
  now = now + base::seconds(30);
  EXPECT_TRUE(sends("a", 1));
  now = now + base::seconds(60);
  EXPECT_FALSE(sends("a", 1));
}

TEST_F(ForgeryWatchTest, TheHostsThatAreRememberedAreBounded) {
  for (std::size_t i = 0; i < 2 * ForgeryWatch::kHostsMax; ++i) {
    EXPECT_FALSE(sends(std::to_string(i), 1));
  }
  EXPECT_EQ(watch.hosts(), ForgeryWatch::kHostsMax);
  EXPECT_TRUE(sends("0", kForgeriesBurst)) << "whoever is remembered is counted on";
  now = now + base::seconds(120);
  EXPECT_TRUE(sends("new", kForgeriesBurst + 1));
  EXPECT_EQ(watch.hosts(), 1U);
}

std::vector<proto::TransactionStatus> answers(ledger::TransactionResult result, std::size_t count) {
  proto::TransactionStatus status;
  status.state = proto::TransactionState::kRejected;
  status.result = result;
  return std::vector<proto::TransactionStatus>(count, status);
}

TEST(ForgeryGuardTest, CutsOffForWrongSignaturesAlone) {
  using ledger::TransactionResult;
  std::vector<std::string> cut_off;
  ForgeryGuard guard;
  guard.start([&](const std::string& connection) { cut_off.push_back(connection); });
  const Caller caller{.host = "a", .connection = "a:1"};
  guard.on_answer(caller, answers(TransactionResult::kFundsInsufficient, 1'000));
  guard.on_answer(caller, base::Unexpected{QueryError{}});
  EXPECT_TRUE(cut_off.empty());
  guard.on_answer(caller, answers(TransactionResult::kSignatureInvalid, kForgeriesBurst));
  EXPECT_TRUE(cut_off.empty());
  guard.on_answer({.host = "a", .connection = "a:2"},
                  answers(TransactionResult::kSignatureInvalid, 1));
  EXPECT_EQ(cut_off, std::vector<std::string>{"a:2"}) << "the one that goes on, not the first";
  guard.stop();
  guard.on_answer(caller, answers(TransactionResult::kSignatureInvalid, 1));
  EXPECT_EQ(cut_off.size(), 1U);
}

TEST(CallerTest, IsAHostAndAConnectionOfIt) {
  const auto four = Caller::at("ipv4:192.0.2.7:4711");
  EXPECT_EQ(four.host, "192.0.2.7");
  EXPECT_EQ(four.connection, "ipv4:192.0.2.7:4711");
  const auto six = Caller::at("ipv6:%5B2001:db8:0:1::2%5D:4711");
  EXPECT_EQ(six.host, "2001:db8:0:1::/64");
  EXPECT_EQ(six.connection, "ipv6:%5B2001:db8:0:1::2%5D:4711");
  EXPECT_EQ(Caller::at("").host, "");
}

}  // namespace
}  // namespace peerpay::net
