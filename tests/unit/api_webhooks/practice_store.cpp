#include "tests/unit/api_webhooks/practice_store.h"

#include <algorithm>

#include "base/check.h"

namespace peerpay::api {

EndpointId PracticeStore::add_endpoint(const std::string& url) {
  WebhookEndpoint endpoint;
  endpoint.id.bytes[0] = ++endpoints_made_;
  endpoint.url = url;
  endpoint.secret = base::Bytes(kWebhookSecretBytes, endpoint.id.bytes[0]);
  Changes changes;
  changes.endpoints.push_back(endpoint);
  PEERPAY_CHECK(apply(changes, Sync::kSynced).has_value(), "memory takes an endpoint");
  return endpoint.id;
}

EventCursor PracticeStore::add_event(const std::vector<EndpointId>& endpoints,
                                     base::UnixMillis due) {
  Event event;
  event.cursor = {ledger::Height{1}, events_made_++};
  for (std::size_t i = 0; i < 4; ++i) {
    event.id.bytes[i] = static_cast<std::uint8_t>(event.cursor.ordinal >> (8 * i));
  }
  event.payload = R"({"number":)" + std::to_string(event.cursor.ordinal) + "}";
  Changes changes;
  changes.events.push_back(event);
  for (const auto& endpoint : endpoints) {
    changes.deliveries.push_back({endpoint, event.cursor, 0, due});
  }
  PEERPAY_CHECK(apply(changes, Sync::kSynced).has_value(), "memory takes an event");
  return event.cursor;
}

WebhookEndpoint PracticeStore::endpoint(const EndpointId& id) const {
  const auto all = endpoints();
  const auto found = std::ranges::find(all, id, &WebhookEndpoint::id);
  PEERPAY_CHECK(found != all.end(), "a test asks for its own endpoint");
  return *found;
}

std::vector<Delivery> PracticeStore::all_deliveries() const {
  std::vector<Delivery> all;
  for (const auto& endpoint : endpoints()) {
    const auto own = *deliveries_to(endpoint.id, SIZE_MAX);
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

}  // namespace peerpay::api
