#pragma once
// As much of a MerchantStore as deliveries need, in memory, on one thread.

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "api/store/merchant_store.h"

namespace peerpay::api {

class PracticeStore : public MerchantStore {
 public:
  EndpointId add_endpoint(const std::string& url);
  // An event, and its delivery to each of these, due at `due`.
  EventCursor add_event(const std::vector<EndpointId>& endpoints, base::UnixMillis due);
  [[nodiscard]] const WebhookEndpoint& endpoint(const EndpointId& id) const;
  [[nodiscard]] std::vector<Delivery> all_deliveries() const;

  bool is_broken = false;

  [[nodiscard]] std::vector<WebhookEndpoint> endpoints() const override { return endpoints_; }
  [[nodiscard]] StoreResult<std::vector<Delivery>> deliveries_to(const EndpointId& endpoint,
                                                                 std::size_t limit) const override;
  [[nodiscard]] StoreResult<std::optional<Event>> event(const EventCursor& cursor) const override;
  [[nodiscard]] StoreResult<void> apply(const Changes& changes, Sync sync) override;

  // What deliveries do not need.
  [[nodiscard]] const base::Bytes& instance() const override { return instance_; }
  [[nodiscard]] StoreResult<std::optional<FollowPoint>> follow_point() const override;
  [[nodiscard]] StoreResult<std::optional<Invoice>> invoice(const InvoiceId& id) const override;
  [[nodiscard]] StoreResult<std::optional<Invoice>> invoice(
      const InvoiceReference& reference) const override;
  [[nodiscard]] StoreResult<std::optional<InvoicePage>> invoices(
      const InvoiceQuery& query) const override;
  [[nodiscard]] StoreResult<std::vector<Invoice>> expiring_before(base::UnixMillis time,
                                                                  std::size_t limit) const override;
  [[nodiscard]] bool is_payee(const ledger::AccountId& account) const override;
  [[nodiscard]] StoreResult<std::vector<Event>> events_after(const EventCursor& cursor,
                                                             std::size_t limit) const override;
  [[nodiscard]] StoreResult<std::vector<Event>> events_from_start(std::size_t limit) const override;
  [[nodiscard]] StoreResult<std::optional<IdempotencyRecord>> idempotency(
      const IdempotencyKey& key) const override;
  [[nodiscard]] StoreResult<std::size_t> forget_idempotency_before(base::UnixMillis time,
                                                                   std::size_t limit) override;

 private:
  using Due = std::pair<base::UnixMillis, EventCursor>;
  base::Bytes instance_;
  std::vector<WebhookEndpoint> endpoints_;
  std::map<EventCursor, Event> events_;
  std::map<EndpointId, std::map<Due, Delivery>> deliveries_;
};

}  // namespace peerpay::api
