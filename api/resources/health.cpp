#include "api/resources/health.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "api/core/time_text.h"

namespace peerpay::api {
namespace {

using http::Call;
using http::Response;
using json::Json;

Response json_answer(unsigned status, const Json& body) {
  Response out;
  out.status = status;
  out.set("Content-Type", "application/json");
  out.set("Cache-Control", "no-store");
  out.body = body.serialized();
  return out;
}

Json readiness_json(const Services& services, const Readiness& readiness) {
  Json::Object out{
      {"status", readiness.is_ready() ? "ready" : "not_ready"},
      {"checks", Json::Object{{"node", readiness.is_node_reached ? "ok" : "node_unreachable"},
                              {"ledger", readiness.is_in_step ? "ok" : "node_behind"}}}};
  const auto add = [&out](std::string_view name, auto value) {
    out.emplace_back(name, std::move(value));
  };
  const auto& trouble = services.follower.trouble();
  if (trouble.empty()) {
    add("reason", Json{});
  } else {
    add("reason", trouble);
  }
  add("network", services.network.genesis.network);
  if (const auto point = services.follower.point()) {
    add("height", point->height.value);
    add("timestamp_at", format_time(point->timestamp));
  } else {
    add("height", Json{});
    add("timestamp_at", Json{});
  }
  add("webhooks_allow_loopback", services.settings.webhook_reach != http::Reach::kPublic);
  return out;
}

}  // namespace

Readiness readiness_of(const Follower& follower, base::UnixMillis now) {
  const auto point = follower.point();
  const auto behind_max = std::max(kBehindMax, follower.silence_max());
  const auto limit = static_cast<std::uint64_t>(behind_max.milliseconds());
  return {.is_node_reached = follower.is_following(),
          .is_in_step = point && now.value <= point->timestamp.value + limit};
}

void add_health(http::Router& router, const Services& services) {
  router.add(http::Method::kGet, "/livez", [](Call) -> http::Task<Response> {
    co_return json_answer(200, Json::Object{{"status", "live"}});
  });
  router.add(http::Method::kGet, "/readyz", [&services](Call) -> http::Task<Response> {
    const auto readiness = readiness_of(services.follower, services.now());
    co_return json_answer(readiness.is_ready() ? 200 : 503, readiness_json(services, readiness));
  });
}

}  // namespace peerpay::api
