#pragma once
// MemoryStore: a MerchantStore in plain maps, for tests of what stands above it. Kept to the
// interface by the same tests as the one on disk (tests/unit/api_store/store_contract_test.cpp).

#include <map>
#include <mutex>
#include <string>

#include "api/store/merchant_store.h"

namespace peerpay::api::test {

class MemoryStore : public MerchantStore {
 public:
  MemoryStore();

  // From now on every change fails with this sentence; nothing is changed.
  void fail_changes(std::string sentence);
  // How the last change was to be made durable. REQUIRES: there was one.
  [[nodiscard]] Sync last_sync() const;

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
  [[nodiscard]] StoreResult<std::optional<Event>> event(const EventCursor& cursor) const override;
  [[nodiscard]] std::vector<WebhookEndpoint> endpoints() const override;
  [[nodiscard]] StoreResult<std::vector<Delivery>> deliveries_to(const EndpointId& endpoint,
                                                                 std::size_t limit) const override;
  [[nodiscard]] StoreResult<std::optional<IdempotencyRecord>> idempotency(
      const IdempotencyKey& key) const override;
  [[nodiscard]] StoreResult<std::size_t> forget_idempotency_before(base::UnixMillis time,
                                                                   std::size_t limit) override;
  [[nodiscard]] StoreResult<void> apply(const Changes& changes, Sync sync) override;

 private:
  void apply_deliveries(const Changes& changes);
  [[nodiscard]] std::vector<const Invoice*> newest_first(const InvoiceQuery& query) const;

  const base::Bytes instance_;
  mutable std::mutex mutex_;  // guards what follows
  std::string failure_;
  std::optional<Sync> last_sync_;
  std::optional<FollowPoint> follow_;
  std::map<InvoiceId, Invoice> invoices_;
  std::map<EventCursor, Event> events_;
  std::vector<WebhookEndpoint> endpoints_;
  std::vector<Delivery> deliveries_;
  std::map<IdempotencyKey, IdempotencyRecord> records_;
};

}  // namespace peerpay::api::test
