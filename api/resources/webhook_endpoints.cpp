#include <algorithm>
#include <utility>

#include "api/core/time_text.h"
#include "api/resources/fields.h"
#include "api/resources/merchant_resources.h"
#include "api/resources/paging.h"
#include "api/webhooks/policy.h"

namespace peerpay::api {
namespace {

constexpr std::size_t kDescriptionMax = 500;

std::string path_of(const WebhookEndpoint& endpoint) {
  return "/v1/webhook_endpoints/" + format_id(endpoint.id);
}

Json::Object endpoint_json(const WebhookEndpoint& endpoint) {
  Json::Array types;
  for (const auto type : endpoint.types) types.emplace_back(name(type));
  const bool is_enabled = endpoint.status == EndpointStatus::kEnabled;
  return Json::Object{
      {"object", "webhook_endpoint"},
      {"id", format_id(endpoint.id)},
      {"status", is_enabled ? "enabled" : "disabled"},
      {"status_reason", endpoint.status_reason.empty() ? Json{} : Json{endpoint.status_reason}},
      {"url", endpoint.url},
      {"description", endpoint.description},
      {"events", std::move(types)},
      {"created_at", format_time(endpoint.created_at)},
      {"failing_since",
       endpoint.failing_since ? Json{format_time(*endpoint.failing_since)} : Json{}},
      {"links", Json::Object{{"self", path_of(endpoint)}}}};
}

Problem unknown() { return make_problem("not_found", "There is no such webhook endpoint."); }

class EndpointResource {
 public:
  explicit EndpointResource(Services& services) : services_{services} {}

  Task<Outcome> create(Exchange& exchange) const {
    const auto endpoint = read(exchange.body);
    if (!endpoint) co_return base::Unexpected{endpoint.error()};
    auto body = endpoint_json(*endpoint);
    body.emplace_back("secret", format_webhook_secret(endpoint->secret));
    Reply reply{
        .status = 201, .body = std::move(body), .headers = {{"Location", path_of(*endpoint)}}};
    const auto record = recorded(*exchange.record, reply);
    const auto created = co_await services_.store_thread.run(
        [&] { return services_.book.create_endpoint(*endpoint, record); });
    if (!created) co_return base::Unexpected{problem_of(created.error())};
    exchange.is_recorded = true;
    services_.wake_webhooks();
    co_return reply;
  }

  Task<Outcome> list(Exchange& exchange) const {
    std::vector<NamedEntry> entries;
    for (const auto& endpoint : services_.store.endpoints()) {
      entries.push_back({format_id(endpoint.id), endpoint_json(endpoint)});
    }
    co_return page_of(exchange, entries);
  }

  Task<Outcome> get(Exchange& exchange) const {
    const auto id = parse_endpoint_id(exchange.call.parameter("id"));
    const auto endpoints = services_.store.endpoints();
    const auto found = std::find_if(endpoints.begin(), endpoints.end(),
                                    [&](const auto& endpoint) { return endpoint.id == id; });
    if (found == endpoints.end()) co_return base::Unexpected{unknown()};
    co_return Reply{.body = endpoint_json(*found)};
  }

  Task<Outcome> erase(Exchange& exchange) const {
    const auto id = parse_endpoint_id(exchange.call.parameter("id"));
    if (!id) co_return base::Unexpected{unknown()};
    const auto erased =
        co_await services_.store_thread.run([&] { return services_.book.erase_endpoint(*id); });
    if (!erased) co_return base::Unexpected{problem_of(erased.error())};
    co_return Reply{.status = 204};
  }

 private:
  base::Expected<WebhookEndpoint, Problem> read(const Json& body) const {
    Fields fields{body};
    WebhookEndpoint out;
    services_.entropy(out.id.bytes);
    out.secret.resize(kWebhookSecretBytes);
    services_.entropy(out.secret);
    out.created_at = services_.now();
    out.url = fields.required_text("url");
    read_types(fields, out);
    out.description = fields.text("description").value_or("");
    if (out.description.size() > kDescriptionMax) {
      fields.fail("/description", "description_malformed", "At most 500 bytes are expected.");
    }
    const auto url = http::parse_url(out.url);
    if (!url) fields.fail("/url", "url_malformed", url.error());
    if (auto problem = fields.problem()) return base::Unexpected{*std::move(problem)};
    if (const auto refusal = refusal_of_url(*url, services_.settings.webhook_reach)) {
      auto problem = make_problem("webhook_url_forbidden", *refusal);
      problem.errors.push_back({"/url", "webhook_url_forbidden", *refusal});
      return base::Unexpected{std::move(problem)};
    }
    return out;
  }

  static void read_types(Fields& fields, WebhookEndpoint& out) {
    const auto* types = fields.array("events");
    if (types == nullptr) return;
    for (const auto& entry : *types->array()) {
      const auto type = parse_event_type(entry.text().value_or(""));
      if (!type) {
        fields.fail("/events/" + std::to_string(out.types.size()), "event_unknown",
                    "There is no event of this name.");
        return;
      }
      if (std::ranges::find(out.types, *type) != out.types.end()) {
        fields.fail("/events/" + std::to_string(out.types.size()), "event_repeated",
                    "An event is named once.");
        return;
      }
      out.types.push_back(*type);
    }
    if (out.types.empty()) {
      fields.fail("/events", "events_empty", "Name events, or leave the member out for all.");
    }
  }

  Services& services_;
};

}  // namespace

void add_webhook_endpoints(Operations& operations) {
  const EndpointResource resource{operations.services()};
  operations.post("/v1/webhook_endpoints", Scope::kWebhooksWrite, Replay::kStored,
                  [resource](Exchange& exchange) { return resource.create(exchange); });
  operations.get("/v1/webhook_endpoints", Scope::kWebhooksRead, {"limit", "cursor"},
                 [resource](Exchange& exchange) { return resource.list(exchange); });
  operations.get("/v1/webhook_endpoints/{id}", Scope::kWebhooksRead, {},
                 [resource](Exchange& exchange) { return resource.get(exchange); });
  operations.erase("/v1/webhook_endpoints/{id}", Scope::kWebhooksWrite,
                   [resource](Exchange& exchange) { return resource.erase(exchange); });
}

}  // namespace peerpay::api
