#include "api/webhooks/policy.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace peerpay::api {
namespace {

constexpr base::UnixMillis kNow{1'700'000'000'000};  // Tue, 14 Nov 2023 22:13:20 GMT
constexpr auto kHour = base::seconds(3600);
constexpr auto kDay = kHour * 24;

base::UnixMillis after(base::UnixMillis time, base::Duration by) {
  return {time.value + static_cast<std::uint64_t>(by.milliseconds())};
}

EndpointId endpoint_id(std::uint8_t number) {
  EndpointId id;
  id.bytes[0] = number;
  return id;
}

http::ClientAnswer answer_with(unsigned status, const std::string& retry_after = "") {
  http::ClientAnswer answer;
  answer.status = status;
  if (!retry_after.empty()) answer.headers = {{"retry-after", retry_after}};
  return answer;
}

TEST(WebhookPolicy, StatusesAreJudged) {
  for (const unsigned status : {200U, 201U, 202U, 204U, 299U}) {
    EXPECT_EQ(judge(answer_with(status), kNow).outcome, AttemptOutcome::kDelivered) << status;
  }
  for (const unsigned status :
       {300U, 301U, 302U, 307U, 308U, 400U, 404U, 409U, 411U, 429U, 500U, 502U, 503U, 599U}) {
    EXPECT_EQ(judge(answer_with(status), kNow).outcome, AttemptOutcome::kRefused) << status;
  }
  EXPECT_EQ(judge(answer_with(410), kNow).outcome, AttemptOutcome::kGone);
}

TEST(WebhookPolicy, FaultsAreOutcomesOfTheirName) {
  std::set<std::string_view> names;
  for (const auto fault : {http::ClientFault::kForbiddenAddress, http::ClientFault::kUnresolved,
                           http::ClientFault::kUnreachable, http::ClientFault::kTls,
                           http::ClientFault::kTimeout, http::ClientFault::kMalformed}) {
    const auto outcome = judge(base::Unexpected{http::ClientError{fault, "Why."}}, kNow).outcome;
    EXPECT_EQ(name(outcome), name(fault));
    names.insert(name(outcome));
  }
  EXPECT_EQ(names.size(), 6U);
}

TEST(WebhookPolicy, RetryAfterIsRead) {
  const struct {
    std::string_view value;
    std::optional<base::Duration> wait;
  } cases[] = {
      {"0", base::seconds(0)},
      {"120", base::seconds(120)},
      {"86400", kDay},
      {"86401", kDay},
      {"99999999999999999999999", kDay},
      {"Tue, 14 Nov 2023 22:13:20 GMT", base::seconds(0)},
      {"Tue, 14 Nov 2023 22:15:20 GMT", base::seconds(120)},
      {"Tue, 14 Nov 2023 22:13:19 GMT", base::seconds(0)},
      {"Sun, 06 Nov 1994 08:49:37 GMT", base::seconds(0)},
      {"Fri, 31 Dec 9999 23:59:60 GMT", kDay},
      {"", std::nullopt},
      {"-1", std::nullopt},
      {"+1", std::nullopt},
      {"1.5", std::nullopt},
      {" 1", std::nullopt},
      {"soon", std::nullopt},
      {"Tuesday, 14-Nov-23 22:15:20 GMT", std::nullopt},
      {"Tue Nov 14 22:15:20 2023", std::nullopt},
      {"Tue, 14 Nov 2023 22:15:20 UTC", std::nullopt},
      {"Tue, 14 nov 2023 22:15:20 GMT", std::nullopt},
      {"Tue, 31 Feb 2023 22:15:20 GMT", std::nullopt},
      {"Tue, 14 Nov 2023 24:15:20 GMT", std::nullopt},
      {"Tue, 14 Nov 2023 22:60:20 GMT", std::nullopt},
      {"Tue, 14 Nov 2023 22:15:61 GMT", std::nullopt},
      {"Tue, +4 Nov 2023 22:15:20 GMT", std::nullopt},
  };
  for (const auto& c : cases) EXPECT_EQ(parse_retry_after(c.value, kNow), c.wait) << c.value;
}

TEST(WebhookPolicy, OnlyFailuresAskForTime) {
  EXPECT_EQ(judge(answer_with(503, "7"), kNow).retry_after, base::seconds(7));
  EXPECT_EQ(judge(answer_with(429, "7"), kNow).retry_after, base::seconds(7));
  EXPECT_EQ(judge(answer_with(200, "7"), kNow).retry_after, std::nullopt);
  EXPECT_EQ(judge(answer_with(503), kNow).retry_after, std::nullopt);
}

TEST(WebhookPolicy, ADeliveredOneEnds) {
  EXPECT_EQ(after_attempt({}, {AttemptOutcome::kDelivered, std::nullopt}, kNow, 0), std::nullopt);
}

TEST(WebhookPolicy, FailuresFollowTheScheduleWithJitter) {
  const base::Duration delays[] = {base::seconds(5), base::seconds(300), base::seconds(1800),
                                   kHour * 2,        kHour * 5,          kHour * 10,
                                   kHour * 14,       kHour * 20,         kHour * 24};
  Delivery delivery;
  for (std::uint32_t failed = 0; failed < 9; ++failed) {
    const auto delay = delays[failed];
    const auto jitter_ms = static_cast<std::uint64_t>(delay.milliseconds() / 5);
    const AttemptResult timeout{AttemptOutcome::kTimeout, std::nullopt};
    EXPECT_EQ(after_attempt(delivery, timeout, kNow, 0)->due, after(kNow, delay));
    EXPECT_EQ(after_attempt(delivery, timeout, kNow, jitter_ms)->due.value,
              after(kNow, delay).value + jitter_ms);
    EXPECT_EQ(after_attempt(delivery, timeout, kNow, jitter_ms + 1)->due, after(kNow, delay))
        << "at most a fifth";
    delivery = *after_attempt(delivery, timeout, kNow, 1);
    EXPECT_EQ(delivery.attempts, failed + 1);
  }
  EXPECT_EQ(after_attempt(delivery, {AttemptOutcome::kRefused, kDay}, kNow, 0), std::nullopt)
      << "the tenth is the last";
}

TEST(WebhookPolicy, RetryAfterOnlyAddsTime) {
  const auto due = [](base::Duration retry_after) {
    return after_attempt({}, {AttemptOutcome::kRefused, retry_after}, kNow, 0)->due;
  };
  EXPECT_EQ(due(base::seconds(1)), after(kNow, base::seconds(5)));
  EXPECT_EQ(due(base::seconds(60)), after(kNow, base::seconds(60)));
}

TEST(WebhookPolicy, AnEndpointThatIsGoneIsDisabled) {
  WebhookEndpoint endpoint;
  note_outcome(endpoint, AttemptOutcome::kGone, kNow);
  EXPECT_EQ(endpoint.status, EndpointStatus::kDisabled);
  EXPECT_EQ(endpoint.status_reason, "gone");
}

TEST(WebhookPolicy, AnEndpointThatFailsForThreeDaysIsDisabled) {
  WebhookEndpoint endpoint;
  note_outcome(endpoint, AttemptOutcome::kTimeout, kNow);
  EXPECT_EQ(endpoint.failing_since, kNow);
  note_outcome(endpoint, AttemptOutcome::kRefused, after(kNow, kFailingMax));
  EXPECT_EQ(endpoint.failing_since, kNow);
  EXPECT_EQ(endpoint.status, EndpointStatus::kEnabled);
  auto recovered = endpoint;
  note_outcome(endpoint, AttemptOutcome::kTls, after(kNow, kFailingMax + base::milliseconds(1)));
  EXPECT_EQ(endpoint.status, EndpointStatus::kDisabled);
  EXPECT_EQ(endpoint.status_reason, "failing");
  note_outcome(endpoint, AttemptOutcome::kGone, after(kNow, kFailingMax * 2));
  EXPECT_EQ(endpoint.status_reason, "failing") << "the first reason stays";

  note_outcome(recovered, AttemptOutcome::kDelivered, after(kNow, kFailingMax));
  EXPECT_EQ(recovered.failing_since, std::nullopt);
  note_outcome(recovered, AttemptOutcome::kTls, after(kNow, kFailingMax * 2));
  EXPECT_EQ(recovered.status, EndpointStatus::kEnabled) << "three days begin again";
}

TEST(WebhookPolicy, UrlsAreForTheReach) {
  using http::Reach;
  const struct {
    std::string_view url;
    bool is_public;
    bool is_in_development;
  } cases[] = {
      {"https://shop.example/", true, true},
      {"https://shop.example:8443/", true, true},
      {"https://shop.example:22/", false, true},
      {"https://127.0.0.1/", true, true},  // its address is refused at the moment of connecting
      {"http://shop.example/", false, false},
      {"http://8.8.8.8/", false, false},
      {"http://10.0.0.1/", false, false},
      {"http://localhost:8080/", false, true},
      {"http://127.0.0.1:8080/", false, true},
      {"http://[::1]:8080/", false, true},
      {"http://localhost.shop.example/", false, false},
  };
  for (const auto& c : cases) {
    const auto url = *http::parse_url(c.url);
    EXPECT_EQ(!refusal_of_url(url, Reach::kPublic), c.is_public) << c.url;
    EXPECT_EQ(!refusal_of_url(url, Reach::kPublicAndLoopback), c.is_in_development) << c.url;
    EXPECT_FALSE(refusal_of_url(url, Reach::kAny)) << c.url;
  }
}

TEST(WebhookPolicy, ManyAttemptsAreOneStep) {
  std::vector<WebhookEndpoint> endpoints(3);
  for (std::uint8_t i = 0; i < 3; ++i) endpoints[i].id = endpoint_id(i);
  endpoints[0].failing_since = kNow;
  const Delivery zero{endpoint_id(0), {ledger::Height{1}, 0}, 0, kNow};
  const Delivery one{endpoint_id(1), {ledger::Height{1}, 0}, 0, kNow};
  const Delivery erased{endpoint_id(9), {ledger::Height{1}, 0}, 0, kNow};
  const auto again = after_attempt(one, {AttemptOutcome::kTimeout, std::nullopt}, kNow, 0);
  const auto changes = changes_of({{zero, std::nullopt, AttemptOutcome::kDelivered, kNow},
                                   {one, again, AttemptOutcome::kTimeout, kNow},
                                   {erased, again, AttemptOutcome::kTimeout, kNow}},
                                  endpoints);
  ASSERT_EQ(changes.delivery_steps.size(), 2U);
  EXPECT_EQ(changes.delivery_steps[0].before, zero);
  EXPECT_EQ(changes.delivery_steps[0].after, std::nullopt);
  EXPECT_EQ(changes.delivery_steps[1].before, one);
  EXPECT_EQ(changes.delivery_steps[1].after, again);
  ASSERT_EQ(changes.endpoints.size(), 2U) << "the third has not changed";
  EXPECT_EQ(changes.endpoints[0].failing_since, std::nullopt);
  EXPECT_EQ(changes.endpoints[1].failing_since, kNow);
}

TEST(WebhookPolicy, TheOrderInABatchCounts) {
  std::vector<WebhookEndpoint> endpoints(1);
  const auto finished = [](AttemptOutcome outcome, base::UnixMillis at) {
    return FinishedAttempt{{}, std::nullopt, outcome, at};
  };
  const auto later = after(kNow, kHour);
  EXPECT_TRUE(changes_of({finished(AttemptOutcome::kTls, kNow),
                          finished(AttemptOutcome::kDelivered, later)},
                         endpoints)
                  .endpoints.empty())
      << "failed and recovered: as it was";
  const auto changes = changes_of(
      {finished(AttemptOutcome::kDelivered, kNow), finished(AttemptOutcome::kTls, later)},
      endpoints);
  ASSERT_EQ(changes.endpoints.size(), 1U);
  EXPECT_EQ(changes.endpoints[0].failing_since, later);
}

}  // namespace
}  // namespace peerpay::api
