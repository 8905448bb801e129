#include "api/webhooks/policy.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace peerpay::api {
namespace {

constexpr base::UnixMillis kNow{1'700'000'000'000};  // Tue, 14 Nov 2023 22:13:20 GMT
constexpr auto kDay = base::seconds(86'400);

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
    EXPECT_EQ(judge(answer_with(status), kNow).result, AttemptResult::kDelivered) << status;
  }
  for (const unsigned status :
       {300U, 301U, 302U, 307U, 308U, 400U, 404U, 409U, 411U, 429U, 500U, 502U, 503U, 599U}) {
    EXPECT_EQ(judge(answer_with(status), kNow).result, AttemptResult::kRefused) << status;
  }
  EXPECT_EQ(judge(answer_with(410), kNow).result, AttemptResult::kGone);
}

TEST(WebhookPolicy, FaultsAreResultsOfTheirName) {
  std::set<std::string_view> names;
  for (const auto fault : {http::ClientFault::kForbiddenAddress, http::ClientFault::kUnresolved,
                           http::ClientFault::kUnreachable, http::ClientFault::kTls,
                           http::ClientFault::kTimeout, http::ClientFault::kMalformed}) {
    const auto result = judge(base::Unexpected{http::ClientError{fault, "Why."}}, kNow).result;
    EXPECT_EQ(name(result), name(fault));
    names.insert(name(result));
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
      {"Fri, 31 Dec 9999 23:59:59 GMT", kDay},
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
      {"Tue, 14 Nov 2023 22:15:60 GMT", std::nullopt},
      {"Tue, +4 Nov 2023 22:15:20 GMT", std::nullopt},
  };
  for (const auto& c : cases) EXPECT_EQ(parse_retry_after(c.value, kNow), c.wait) << c.value;
}

TEST(WebhookPolicy, TheEndpointMayAskForTime) {
  EXPECT_EQ(judge(answer_with(503, "7"), kNow).retry_after, base::seconds(7));
  EXPECT_EQ(judge(answer_with(429, "7"), kNow).retry_after, base::seconds(7));
  EXPECT_EQ(judge(answer_with(503, "soon"), kNow).retry_after, base::seconds(0));
  EXPECT_EQ(judge(answer_with(503), kNow).retry_after, base::seconds(0));
}

TEST(WebhookPolicy, JitterIsAtMostAFifth) {
  const Judgement refused{AttemptResult::kRefused, base::seconds(7)};
  const Delivery delivery{endpoint_id(1), {ledger::Height{1}, 0}, 2, kNow};
  for (const std::uint64_t random : {0ULL, 1ULL, 200ULL, 201ULL, ~0ULL}) {
    const auto finished = finish(delivery, refused, kNow, random);
    EXPECT_EQ(finished.delivery, delivery);
    EXPECT_EQ(finished.attempt.end, AttemptEnd::kFailed);
    EXPECT_EQ(finished.attempt.at, kNow);
    EXPECT_EQ(finished.attempt.retry_after, base::seconds(7));
    EXPECT_EQ(finished.attempt.jitter_permille, random % 201);
  }
  EXPECT_EQ(finish(delivery, {AttemptResult::kDelivered, {}}, kNow, 0).attempt.end,
            AttemptEnd::kAccepted);
  EXPECT_EQ(finish(delivery, {AttemptResult::kGone, {}}, kNow, 0).attempt.end, AttemptEnd::kGone);
}

TEST(WebhookPolicy, UrlsAreForTheReach) {
  using http::Reach;
  const struct {
    std::string_view url;
    bool is_public;
    bool is_in_development;
  } cases[] = {
      {"https://shop.example/", true, true},     {"https://shop.example:8443/", true, true},
      {"https://shop.example:22/", false, true}, {"https://8.8.8.8/", true, true},
      {"https://127.0.0.1/", false, true},       {"https://10.0.0.1/", false, false},
      {"https://[fc00::1]/", false, false},      {"http://shop.example/", false, false},
      {"http://8.8.8.8/", false, false},         {"http://10.0.0.1/", false, false},
      {"http://localhost:8080/", false, true},   {"http://127.0.0.1:8080/", false, true},
      {"http://[::1]:8080/", false, true},       {"http://localhost.shop.example/", false, false},
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
  const Judgement timeout{AttemptResult::kTimeout, {}};
  const auto changes = changes_of({finish(zero, {AttemptResult::kDelivered, {}}, kNow, 0),
                                   finish(one, timeout, kNow, 0), finish(erased, timeout, kNow, 0)},
                                  endpoints);
  ASSERT_EQ(changes.delivery_steps.size(), 2U);
  EXPECT_EQ(changes.delivery_steps[0].before, zero);
  EXPECT_EQ(changes.delivery_steps[0].after, std::nullopt);
  EXPECT_EQ(changes.delivery_steps[1].before, one);
  ASSERT_TRUE(changes.delivery_steps[1].after);
  EXPECT_EQ(changes.delivery_steps[1].after->due, after(kNow, base::seconds(5)));
  ASSERT_EQ(changes.endpoints.size(), 2U) << "the third has not changed";
  EXPECT_EQ(changes.endpoints[0].failing_since, std::nullopt);
  EXPECT_EQ(changes.endpoints[1].failing_since, kNow);
}

TEST(WebhookPolicy, TheOrderInABatchCounts) {
  const std::vector<WebhookEndpoint> endpoints(1);
  const auto finished = [](AttemptResult result, base::UnixMillis at) {
    return finish(Delivery{}, {result, {}}, at, 0);
  };
  const auto later = after(kNow, base::seconds(1));
  EXPECT_TRUE(
      changes_of({finished(AttemptResult::kTls, kNow), finished(AttemptResult::kDelivered, later)},
                 endpoints)
          .endpoints.empty())
      << "failed and recovered: as it was";
  const auto changes = changes_of(
      {finished(AttemptResult::kDelivered, kNow), finished(AttemptResult::kTls, later)}, endpoints);
  ASSERT_EQ(changes.endpoints.size(), 1U);
  EXPECT_EQ(changes.endpoints[0].failing_since, later);
  const auto gone = changes_of({finished(AttemptResult::kGone, kNow)}, endpoints);
  ASSERT_EQ(gone.endpoints.size(), 1U);
  EXPECT_EQ(gone.endpoints[0].status, EndpointStatus::kDisabled);
}

}  // namespace
}  // namespace peerpay::api
