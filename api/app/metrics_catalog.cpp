#include "api/app/metrics_catalog.h"

namespace peerpay::api {
namespace {

using Kind = Metrics::Kind;

template <class Number>
std::function<double()> value_of(const Number& number) {
  return [&number] { return static_cast<double>(number); };
}

void watch_server(Metrics& metrics, const http::ServerCounters& server) {
  metrics.watch(Kind::kCounter, "peerpay_gateway_connections_accepted_total", "Connections taken.",
                value_of(server.connections_accepted));
  metrics.watch(Kind::kCounter, "peerpay_gateway_connections_refused_total",
                "Connections above a cap.", value_of(server.connections_refused));
  metrics.watch(Kind::kGauge, "peerpay_gateway_connections_open", "Connections now.",
                value_of(server.connections_open));
  metrics.watch(Kind::kGauge, "peerpay_gateway_requests_under_way", "Requests in handlers now.",
                value_of(server.requests_under_way));
  metrics.watch(Kind::kCounter, "peerpay_gateway_requests_malformed_total",
                "Requests that the framing gate refused.",
                value_of(server.requests_refused_by_gate));
  metrics.watch(Kind::kCounter, "peerpay_gateway_requests_timed_out_total",
                "Requests that came too slowly.", value_of(server.requests_timed_out));
  metrics.watch(Kind::kCounter, "peerpay_gateway_requests_overloaded_total",
                "Requests answered 503 because a cap was reached.",
                value_of(server.requests_overloaded));
  metrics.watch(Kind::kCounter, "peerpay_gateway_handler_failures_total",
                "Bugs of ours that a request has met.", value_of(server.handler_failures));
}

void watch_webhooks(Metrics& metrics, const DelivererCounters& webhooks) {
  for (std::size_t i = 0; i < kAttemptResults; ++i) {
    metrics.watch(Kind::kCounter, "peerpay_gateway_webhook_attempts_total",
                  "Attempts to deliver an event, by what came of them.",
                  value_of(webhooks.attempts[i]),
                  {{"result", std::string{name(static_cast<AttemptResult>(i))}}});
  }
  metrics.watch(Kind::kCounter, "peerpay_gateway_webhooks_given_up_total",
                "Events that an endpoint will never get.", value_of(webhooks.given_up));
  metrics.watch(Kind::kGauge, "peerpay_gateway_webhooks_under_way", "Attempts now.",
                value_of(webhooks.under_way));
}

}  // namespace

void watch_everything(Metrics& metrics, const Watched& watched) {
  watch_server(metrics, watched.server);
  watch_webhooks(metrics, watched.webhooks);
  metrics.watch(Kind::kGauge, "peerpay_gateway_following",
                "1 while final blocks are coming from the node.",
                [&follower = watched.follower] { return follower.is_following() ? 1.0 : 0.0; });
  metrics.watch(Kind::kGauge, "peerpay_gateway_followed_height",
                "Height of the newest block that invoices have been checked against.",
                [&follower = watched.follower] {
                  const auto point = follower.point();
                  return point ? static_cast<double>(point->height.value) : 0.0;
                });
  metrics.watch(Kind::kGauge, "peerpay_gateway_followed_timestamp_seconds", "Time of that block.",
                [&follower = watched.follower] {
                  const auto point = follower.point();
                  return point ? static_cast<double>(point->timestamp.value) / 1000 : 0.0;
                });
  metrics.watch(Kind::kGauge, "peerpay_gateway_checkout_watchers",
                "Checkout pages that wait for news.",
                [&feed = watched.feed] { return static_cast<double>(feed.watches()); });
}

}  // namespace peerpay::api
