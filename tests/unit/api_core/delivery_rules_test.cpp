#include "api/core/delivery_rules.h"

#include <gtest/gtest.h>

namespace peerpay::api {
namespace {

using base::UnixMillis;

constexpr std::uint64_t kDayMs = 86'400'000;

Attempt failed_at(std::uint64_t ms) { return {.end = AttemptEnd::kFailed, .at = {ms}}; }

TEST(DeliveryRules, SuccessEndsIt) {
  const auto outcome = settle({}, {}, {.end = AttemptEnd::kAccepted, .at = {5}});
  EXPECT_FALSE(outcome.next.has_value());
  EXPECT_FALSE(outcome.endpoint.has_value());
}

TEST(DeliveryRules, SuccessEndsATimeOfFailing) {
  WebhookEndpoint endpoint;
  endpoint.failing_since = UnixMillis{1};
  const auto outcome = settle({}, endpoint, {.end = AttemptEnd::kAccepted, .at = {5}});
  ASSERT_TRUE(outcome.endpoint.has_value());
  EXPECT_FALSE(outcome.endpoint->failing_since.has_value());
}

TEST(DeliveryRules, FailureIsTriedAgainByTheSchedule) {
  Delivery delivery;
  WebhookEndpoint endpoint;
  std::uint64_t now = 1000;
  for (std::uint32_t failed = 1; failed < 10; ++failed) {
    const auto outcome = settle(delivery, endpoint, failed_at(now));
    ASSERT_TRUE(outcome.next.has_value()) << failed;
    EXPECT_EQ(outcome.next->attempts, failed);
    const auto delay = static_cast<std::uint64_t>(retry_delay(failed)->milliseconds());
    EXPECT_EQ(outcome.next->due, UnixMillis{now + delay});
    delivery = *outcome.next;
  }
  const auto last = settle(delivery, endpoint, failed_at(now));
  EXPECT_FALSE(last.next.has_value()) << "the tenth failure is the last";
}

TEST(DeliveryRules, TheFirstFailureBeginsATimeOfFailing) {
  const auto first = settle({}, {}, failed_at(1000));
  ASSERT_TRUE(first.endpoint.has_value());
  EXPECT_EQ(first.endpoint->failing_since, UnixMillis{1000});
  EXPECT_FALSE(settle({}, *first.endpoint, failed_at(2000)).endpoint.has_value());
}

TEST(DeliveryRules, ThreeDaysOfFailingDisable) {
  WebhookEndpoint endpoint;
  endpoint.failing_since = UnixMillis{1000};
  EXPECT_TRUE(settle({}, endpoint, failed_at(1000 + 3 * kDayMs - 1)).next.has_value());
  const auto outcome = settle({}, endpoint, failed_at(1000 + 3 * kDayMs));
  EXPECT_FALSE(outcome.next.has_value());
  ASSERT_TRUE(outcome.endpoint.has_value());
  EXPECT_EQ(outcome.endpoint->status, EndpointStatus::kDisabled);
  EXPECT_EQ(outcome.endpoint->status_reason, "failing");
  EXPECT_FALSE(settle({}, *outcome.endpoint, failed_at(1)).next.has_value());
}

TEST(DeliveryRules, GoneDisablesAtOnce) {
  const auto outcome = settle({}, {}, {.end = AttemptEnd::kGone, .at = {5}});
  EXPECT_FALSE(outcome.next.has_value());
  ASSERT_TRUE(outcome.endpoint.has_value());
  EXPECT_EQ(outcome.endpoint->status_reason, "gone");
}

TEST(DeliveryRules, JitterAndRetryAfterOnlyDelay) {
  Attempt attempt = failed_at(0);
  const auto due = [&attempt] { return settle({}, {}, attempt).next->due.value; };
  EXPECT_EQ(due(), 5000U);
  attempt.jitter_permille = 200;
  EXPECT_EQ(due(), 6000U);
  attempt.jitter_permille = 9999;
  EXPECT_EQ(due(), 6000U);
  attempt.retry_after = base::seconds(2);
  EXPECT_EQ(due(), 6000U);
  attempt.retry_after = base::seconds(60);
  EXPECT_EQ(due(), 60'000U);
  attempt.retry_after = base::seconds(1'000'000'000);
  EXPECT_EQ(due(), kDayMs);
  attempt.retry_after = base::seconds(-5);
  EXPECT_EQ(due(), 6000U);
}

}  // namespace
}  // namespace peerpay::api
