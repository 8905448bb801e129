#include "api/resources/health.h"

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

// Why the gateway is not ready; empty when it is.
std::string trouble_of(const Services& services) {
  const auto point = services.follower.point();
  if (!services.follower.is_following() || !point) return services.follower.trouble();
  const auto now = services.now();
  const auto limit = static_cast<std::uint64_t>(kBehindMax.milliseconds());
  if (now.value > point->timestamp.value + limit) return "The newest block is old.";
  return {};
}

Json readiness_json(const Services& services, const std::string& trouble) {
  const auto point = services.follower.point();
  return Json::Object{
      {"status", trouble.empty() ? "ready" : "not_ready"},
      {"reason", trouble.empty() ? Json{} : Json{trouble}},
      {"network", services.network.genesis.network},
      {"height", point ? Json{point->height.value} : Json{}},
      {"timestamp_at", point ? Json{format_time(point->timestamp)} : Json{}},
      {"webhooks_to_loopback_allowed", services.settings.webhook_reach != http::Reach::kPublic}};
}

}  // namespace

void add_health(http::Router& router, const Services& services) {
  router.add(http::Method::kGet, "/livez", [](Call) -> http::Task<Response> {
    co_return json_answer(200, Json::Object{{"status", "live"}});
  });
  router.add(http::Method::kGet, "/readyz", [&services](Call) -> http::Task<Response> {
    const auto trouble = trouble_of(services);
    co_return json_answer(trouble.empty() ? 200 : 503, readiness_json(services, trouble));
  });
}

}  // namespace peerpay::api
