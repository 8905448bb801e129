#include "api/webhooks/policy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/check.h"

namespace peerpay::api {
namespace {

AttemptOutcome outcome_of(http::ClientFault fault) {
  switch (fault) {
    case http::ClientFault::kForbiddenAddress: return AttemptOutcome::kForbiddenAddress;
    case http::ClientFault::kUnresolved: return AttemptOutcome::kUnresolved;
    case http::ClientFault::kUnreachable: return AttemptOutcome::kUnreachable;
    case http::ClientFault::kTls: return AttemptOutcome::kTls;
    case http::ClientFault::kTimeout: return AttemptOutcome::kTimeout;
    case http::ClientFault::kMalformed: return AttemptOutcome::kMalformed;
  }
  PEERPAY_UNREACHABLE("every fault is an outcome");
}

AttemptOutcome outcome_of(unsigned status) {
  if (status >= 200 && status < 300) return AttemptOutcome::kDelivered;
  return status == 410 ? AttemptOutcome::kGone : AttemptOutcome::kRefused;
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
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  using namespace std::chrono;
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT") {
    return std::nullopt;
  }
  const auto day_number = parse_digits(text.substr(5, 2));
  const auto month_number = parse_month(text.substr(8, 3));
  const auto year_number = parse_digits(text.substr(12, 4));
  const auto hour = parse_digits(text.substr(17, 2));
  const auto minute = parse_digits(text.substr(20, 2));
  const auto second = parse_digits(text.substr(23, 2));
  if (!day_number || !month_number || !year_number || !hour || !minute || !second) {
    return std::nullopt;
  }
  const auto date = year{static_cast<int>(*year_number)} / month{*month_number} / day{*day_number};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second};
}

base::UnixMillis later(base::UnixMillis time, base::Duration by) {
  return {time.value + static_cast<std::uint64_t>(by.milliseconds())};
}

bool is_loopback_host(const http::Url& url) {
  return url.host == "localhost" ||
         (http::is_reachable(http::Reach::kPublicAndLoopback, url.host) &&
          !http::is_reachable(http::Reach::kPublic, url.host));
}

void disable(WebhookEndpoint& endpoint, std::string reason) {
  endpoint.status = EndpointStatus::kDisabled;
  endpoint.status_reason = std::move(reason);
}

}  // namespace

std::string_view name(AttemptOutcome outcome) {
  switch (outcome) {
    case AttemptOutcome::kDelivered: return "delivered";
    case AttemptOutcome::kRefused: return "refused";
    case AttemptOutcome::kGone: return "gone";
    case AttemptOutcome::kForbiddenAddress: return "forbidden_address";
    case AttemptOutcome::kUnresolved: return "unresolved";
    case AttemptOutcome::kUnreachable: return "unreachable";
    case AttemptOutcome::kTls: return "tls";
    case AttemptOutcome::kTimeout: return "timeout";
    case AttemptOutcome::kMalformed: return "malformed";
  }
  PEERPAY_UNREACHABLE("every outcome has a name");
}

AttemptResult judge(const base::Expected<http::ClientAnswer, http::ClientError>& answer,
                    base::UnixMillis now) {
  if (!answer) return {outcome_of(answer.error().fault), std::nullopt};
  AttemptResult result{outcome_of(answer->status), std::nullopt};
  const auto retry_after = answer->header("Retry-After");
  if (result.outcome != AttemptOutcome::kDelivered && retry_after) {
    result.retry_after = parse_retry_after(*retry_after, now);
  }
  return result;
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
  const auto wait_ms =
      date->time_since_epoch().count() * 1000 - static_cast<std::int64_t>(now.value);
  return base::milliseconds(std::clamp<std::int64_t>(wait_ms, 0, kRetryAfterMax.milliseconds()));
}

std::optional<Delivery> after_attempt(const Delivery& delivery, const AttemptResult& result,
                                      base::UnixMillis now, std::uint64_t random) {
  if (result.outcome == AttemptOutcome::kDelivered) return std::nullopt;
  auto next = delivery;
  ++next.attempts;
  const auto delay = retry_delay(next.attempts);
  if (!delay) return std::nullopt;
  const auto jitter_max = static_cast<std::uint64_t>(delay->milliseconds()) / 5;
  const auto jitter = base::milliseconds(static_cast<std::int64_t>(random % (jitter_max + 1)));
  const auto wait = std::max(*delay + jitter, result.retry_after.value_or(base::Duration{}));
  next.due = later(now, wait);
  return next;
}

void note_outcome(WebhookEndpoint& endpoint, AttemptOutcome outcome, base::UnixMillis now) {
  if (outcome == AttemptOutcome::kDelivered) {
    endpoint.failing_since.reset();
    return;
  }
  if (!endpoint.failing_since) endpoint.failing_since = now;
  if (endpoint.status == EndpointStatus::kDisabled) return;
  if (outcome == AttemptOutcome::kGone) {
    disable(endpoint, "gone");
  } else if (now > later(*endpoint.failing_since, kFailingMax)) {
    disable(endpoint, "failing");
  }
}

std::optional<std::string> refusal_of_url(const http::Url& url, http::Reach reach) {
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

Changes changes_of(const std::vector<FinishedAttempt>& finished,
                   std::vector<WebhookEndpoint> endpoints) {
  Changes changes;
  const auto before = endpoints;
  for (const auto& attempt : finished) {
    const auto endpoint =
        std::ranges::find(endpoints, attempt.before.endpoint, &WebhookEndpoint::id);
    if (endpoint == endpoints.end()) continue;
    changes.delivery_steps.push_back({attempt.before, attempt.after});
    note_outcome(*endpoint, attempt.outcome, attempt.at);
  }
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    if (endpoints[i] != before[i]) changes.endpoints.push_back(std::move(endpoints[i]));
  }
  return changes;
}

}  // namespace peerpay::api
