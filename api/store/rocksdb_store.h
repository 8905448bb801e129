#pragma once
// RocksDbStore: the merchants' objects on disk. Endpoints, payees and the follow point are also in
// memory. Reads from any thread; changes from one thread at a time.
//
// Every error of the disk is final, as in base/database: it is told to the listener, and the
// gateway stops.

#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "api/store/merchant_store.h"
#include "api/store/queue_front.h"
#include "base/database/database.h"
#include "ledger/ids.h"

namespace peerpay::api {

class RocksDbStore final : public MerchantStore {
 public:
  // Opens the database in the directory `path`, or makes one; its parent must exist. It belongs to
  // the network `chain` for ever, and to one process at a time.
  [[nodiscard]] static StoreResult<std::unique_ptr<RocksDbStore>> open(
      const std::string& path, const ledger::ChainId& chain);
  ~RocksDbStore() override;

  // Tells of the first error of the database, once, on the thread that met it.
  void on_failure(std::function<void(const StoreError&)> listener);
  // Reads every byte back and compares all checksums.
  [[nodiscard]] StoreResult<void> verify() const;
  // Everything that was changed goes from the log to tables.
  [[nodiscard]] StoreResult<void> flush();

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
  // Account ids are public keys: their first bytes are as good as a hash.
  struct AccountHash {
    std::size_t operator()(const ledger::AccountId& account) const;
  };
  struct Writing;  // one batch being filled

  explicit RocksDbStore(std::unique_ptr<database::Database> database);
  [[nodiscard]] StoreResult<void> load();
  [[nodiscard]] StoreResult<void> put_invoices(const Changes& changes, Writing& writing) const;
  [[nodiscard]] StoreResult<void> put_deliveries(const Changes& changes, Writing& writing) const;
  [[nodiscard]] StoreResult<void> erase_deliveries(const EndpointId& endpoint,
                                                   Writing& writing) const;
  void adopt(const Changes& changes, const Writing& writing);
  void adopt_endpoints(const Changes& changes);
  // Null for an endpoint that does not exist.
  [[nodiscard]] std::shared_ptr<QueueFront> deliveries_front(const EndpointId& endpoint) const;
  [[nodiscard]] StoreResult<std::vector<Event>> events_from(const base::Bytes& key,
                                                            std::size_t limit) const;
  [[nodiscard]] base::Unexpected<StoreError> corrupt(const std::string& what) const;

  std::unique_ptr<database::Database> database_;
  base::Bytes instance_;
  mutable QueueFront expiries_;
  mutable QueueFront idempotency_times_;

  mutable std::shared_mutex mutex_;  // guards what follows; the writer alone changes it
  std::optional<FollowPoint> follow_;
  std::vector<WebhookEndpoint> endpoints_;                        // oldest first
  std::map<EndpointId, std::shared_ptr<QueueFront>> deliveries_;  // of the endpoints that there are
  std::unordered_set<ledger::AccountId, AccountHash> payees_;
};

}  // namespace peerpay::api
