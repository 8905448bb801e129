#include "api/webhooks/policy.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"
#include "base/civil_time.h"

namespace peerpay::api {
namespace {

AttemptResult result_of(http::ClientFault fault) {
  switch (fault) {
    case http::ClientFault::kForbiddenAddress: return AttemptResult::kForbiddenAddress;
    case http::ClientFault::kUnresolved: return AttemptResult::kUnresolved;
    case http::ClientFault::kUnreachable: return AttemptResult::kUnreachable;
    case http::ClientFault::kTls: return AttemptResult::kTls;
    case http::ClientFault::kTimeout: return AttemptResult::kTimeout;
    case http::ClientFault::kMalformed: return AttemptResult::kMalformed;
  }
  PEERPAY_UNREACHABLE("every fault is a result");
}

AttemptResult result_of(unsigned status) {
  if (status >= 200 && status < 300) return AttemptResult::kDelivered;
  return status == 410 ? AttemptResult::kGone : AttemptResult::kRefused;
}

AttemptEnd end_of(AttemptResult result) {
  switch (result) {
    case AttemptResult::kDelivered: return AttemptEnd::kAccepted;
    case AttemptResult::kGone: return AttemptEnd::kGone;
    case AttemptResult::kRefused:
    case AttemptResult::kForbiddenAddress:
    case AttemptResult::kUnresolved:
    case AttemptResult::kUnreachable:
    case AttemptResult::kTls:
    case AttemptResult::kTimeout:
    case AttemptResult::kMalformed: return AttemptEnd::kFailed;
  }
  PEERPAY_UNREACHABLE("every result is an end");
}

// Only digits: no sign, no space.
std::optional<unsigned> parse_digits(std::string_view text) {
  unsigned number = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || end != last) return std::nullopt;
  return number;
}

std::optional<unsigned> parse_month(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto* const found = std::ranges::find(kMonths, text);
  if (found == kMonths.end()) return std::nullopt;
  return static_cast<unsigned>(found - kMonths.begin()) + 1;
}

// "Sun, 06 Nov 1994 08:49:37 GMT". The name of the day is not checked: the date says it.
std::optional<base::UnixMillis> parse_http_date(std::string_view text) {
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT") {
    return std::nullopt;
  }
  const auto day = parse_digits(text.substr(5, 2));
  const auto month = parse_month(text.substr(8, 3));
  const auto year = parse_digits(text.substr(12, 4));
  const auto hour = parse_digits(text.substr(17, 2));
  const auto minute = parse_digits(text.substr(20, 2));
  const auto second = parse_digits(text.substr(23, 2));
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  return base::unix_millis({.year = *year,
                            .month = *month,
                            .day = *day,
                            .hour = *hour,
                            .minute = *minute,
                            .second = *second});
}

bool is_loopback_host(const http::Url& url) {
  return url.host == "localhost" ||
         (http::is_reachable(http::Reach::kPublicAndLoopback, url.host) &&
          !http::is_reachable(http::Reach::kPublic, url.host));
}

}  // namespace

std::string_view name(AttemptResult result) {
  switch (result) {
    case AttemptResult::kDelivered: return "delivered";
    case AttemptResult::kRefused: return "refused";
    case AttemptResult::kGone: return "gone";
    case AttemptResult::kForbiddenAddress: return "forbidden_address";
    case AttemptResult::kUnresolved: return "unresolved";
    case AttemptResult::kUnreachable: return "unreachable";
    case AttemptResult::kTls: return "tls";
    case AttemptResult::kTimeout: return "timeout";
    case AttemptResult::kMalformed: return "malformed";
  }
  PEERPAY_UNREACHABLE("every result has a name");
}

Judgement judge(const base::Expected<http::ClientAnswer, http::ClientError>& answer,
                base::UnixMillis now) {
  if (!answer) return {result_of(answer.error().fault), {}};
  Judgement judgement{result_of(answer->status), {}};
  const auto retry_after = answer->header("Retry-After");
  if (retry_after) {
    judgement.retry_after = parse_retry_after(*retry_after, now).value_or(base::Duration{});
  }
  return judgement;
}

std::optional<base::Duration> parse_retry_after(std::string_view value, base::UnixMillis now) {
  const bool is_number =
      !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
  if (is_number) {
    const auto seconds = parse_digits(value);
    // More digits than fit are more time than is granted.
    return seconds ? std::min(base::seconds(*seconds), kRetryAfterMax) : kRetryAfterMax;
  }
  const auto date = parse_http_date(value);
  if (!date) return std::nullopt;
  const auto wait_ms = date->value > now.value ? date->value - now.value : 0;
  const auto wait_ms_max = static_cast<std::uint64_t>(kRetryAfterMax.milliseconds());
  return base::milliseconds(static_cast<std::int64_t>(std::min(wait_ms, wait_ms_max)));
}

std::optional<std::string> refusal_of_url(const http::Url& url, http::Reach reach) {
  // A name is looked up, and its addresses are checked, at every attempt.
  const bool is_address = http::is_reachable(http::Reach::kAny, url.host);
  if (is_address && !http::is_reachable(reach, url.host)) {
    return url.host + " is not a public address.";
  }
  switch (reach) {
    case http::Reach::kPublic:
      if (!url.is_tls) return "The URL must begin with https://.";
      if (url.port != 443 && url.port != 8443) return "The port must be 443 or 8443.";
      return std::nullopt;
    case http::Reach::kPublicAndLoopback:
      if (!url.is_tls && !is_loopback_host(url)) {
        return "The URL must begin with https://, unless it is on loopback.";
      }
      return std::nullopt;
    case http::Reach::kAny: return std::nullopt;
  }
  PEERPAY_UNREACHABLE("every reach is decided");
}

FinishedAttempt finish(const Delivery& delivery, const Judgement& judgement, base::UnixMillis now,
                       std::uint64_t random) {
  return {delivery,
          {.end = end_of(judgement.result),
           .at = now,
           .jitter_permille = static_cast<std::uint32_t>(random % (kJitterPermilleMax + 1)),
           .retry_after = judgement.retry_after}};
}

Changes changes_of(const std::vector<FinishedAttempt>& finished,
                   std::vector<WebhookEndpoint> endpoints) {
  Changes changes;
  const auto before = endpoints;
  for (const auto& [delivery, attempt] : finished) {
    const auto endpoint = std::ranges::find(endpoints, delivery.endpoint, &WebhookEndpoint::id);
    if (endpoint == endpoints.end()) continue;
    auto outcome = settle(delivery, *endpoint, attempt);
    changes.delivery_steps.push_back({delivery, outcome.next});
    if (outcome.endpoint) *endpoint = std::move(*outcome.endpoint);
  }
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    if (endpoints[i] != before[i]) changes.endpoints.push_back(std::move(endpoints[i]));
  }
  return changes;
}

}  // namespace peerpay::api
