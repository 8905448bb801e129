#include "tests/unit/api_webhooks/practice_store.h"

#include <algorithm>

#include "base/check.h"

namespace peerpay::api {

EndpointId PracticeStore::add_endpoint(const std::string& url) {
  WebhookEndpoint endpoint;
  endpoint.id.bytes[0] = static_cast<std::uint8_t>(endpoints_.size() + 1);
  endpoint.url = url;
  endpoint.secret = base::Bytes(kWebhookSecretBytes, endpoint.id.bytes[0]);
  endpoints_.push_back(endpoint);
  return endpoint.id;
}

EventCursor PracticeStore::add_event(const std::vector<EndpointId>& endpoints,
                                     base::UnixMillis due) {
  Event event;
  event.cursor = {ledger::Height{1}, static_cast<std::uint32_t>(events_.size())};
  for (std::size_t i = 0; i < 4; ++i) {
    event.id.bytes[i] = static_cast<std::uint8_t>(event.cursor.ordinal >> (8 * i));
  }
  event.payload = R"({"number":)" + std::to_string(event.cursor.ordinal) + "}";
  events_[event.cursor] = event;
  for (const auto& endpoint : endpoints) {
    deliveries_[endpoint][{due, event.cursor}] = {endpoint, event.cursor, 0, due};
  }
  return event.cursor;
}

const WebhookEndpoint& PracticeStore::endpoint(const EndpointId& id) const {
  const auto found = std::ranges::find(endpoints_, id, &WebhookEndpoint::id);
  PEERPAY_CHECK(found != endpoints_.end(), "a test asks for its own endpoint");
  return *found;
}

std::vector<Delivery> PracticeStore::all_deliveries() const {
  std::vector<Delivery> all;
  for (const auto& [endpoint, deliveries] : deliveries_) {
    for (const auto& [due, delivery] : deliveries) all.push_back(delivery);
  }
  return all;
}

StoreResult<std::vector<Delivery>> PracticeStore::deliveries_to(const EndpointId& endpoint,
                                                                std::size_t limit) const {
  if (is_broken) return base::Unexpected{StoreError{"The disk is on fire."}};
  std::vector<Delivery> found;
  const auto own = deliveries_.find(endpoint);
  if (own == deliveries_.end()) return found;
  for (const auto& [due, delivery] : own->second) {
    if (found.size() == limit) break;
    found.push_back(delivery);
  }
  return found;
}

StoreResult<std::optional<Event>> PracticeStore::event(const EventCursor& cursor) const {
  const auto found = events_.find(cursor);
  return found == events_.end() ? std::nullopt : std::optional{found->second};
}

StoreResult<void> PracticeStore::apply(const Changes& changes, Sync /*sync*/) {
  if (is_broken) return base::Unexpected{StoreError{"The disk is on fire."}};
  for (const auto& changed : changes.endpoints) {
    const auto found = std::ranges::find(endpoints_, changed.id, &WebhookEndpoint::id);
    PEERPAY_CHECK(found != endpoints_.end(), "a deliverer makes no endpoints");
    *found = changed;
  }
  for (const auto& id : changes.endpoints_erased) {
    std::erase_if(endpoints_, [&](const auto& endpoint) { return endpoint.id == id; });
    deliveries_.erase(id);
  }
  for (const auto& [before, after] : changes.delivery_steps) {
    auto& own = deliveries_[before.endpoint];
    PEERPAY_CHECK(own.erase({before.due, before.event}) == 1, "a step is of one that exists");
    if (after) own[{after->due, after->event}] = *after;
  }
  return {};
}

StoreResult<std::optional<FollowPoint>> PracticeStore::follow_point() const {
  return std::optional<FollowPoint>{};
}
StoreResult<std::optional<Invoice>> PracticeStore::invoice(const InvoiceId& /*id*/) const {
  return std::optional<Invoice>{};
}
StoreResult<std::optional<Invoice>> PracticeStore::invoice(
    const InvoiceReference& /*reference*/) const {
  return std::optional<Invoice>{};
}
StoreResult<std::optional<InvoicePage>> PracticeStore::invoices(
    const InvoiceQuery& /*query*/) const {
  return std::optional<InvoicePage>{};
}
StoreResult<std::vector<Invoice>> PracticeStore::expiring_before(base::UnixMillis /*time*/,
                                                                 std::size_t /*limit*/) const {
  return std::vector<Invoice>{};
}
bool PracticeStore::is_payee(const ledger::AccountId& /*account*/) const { return false; }
StoreResult<std::vector<Event>> PracticeStore::events_after(const EventCursor& /*cursor*/,
                                                            std::size_t /*limit*/) const {
  return std::vector<Event>{};
}
StoreResult<std::vector<Event>> PracticeStore::events_from_start(std::size_t /*limit*/) const {
  return std::vector<Event>{};
}
StoreResult<std::optional<IdempotencyRecord>> PracticeStore::idempotency(
    const IdempotencyKey& /*key*/) const {
  return std::optional<IdempotencyRecord>{};
}
StoreResult<std::size_t> PracticeStore::forget_idempotency_before(base::UnixMillis /*time*/,
                                                                  std::size_t /*limit*/) {
  return std::size_t{0};
}

}  // namespace peerpay::api
