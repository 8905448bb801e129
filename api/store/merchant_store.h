#pragma once
// MerchantStore: where the gateway keeps what merchants own (docs/spec/merchant.md). Reads may come
// from any thread; changes come from one thread at a time and happen all or not at all.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/core/event.h"
#include "api/core/idempotency.h"
#include "api/core/invoice.h"
#include "api/core/webhook.h"
#include "base/expected.h"
#include "ledger/ids.h"

namespace peerpay::api {

enum class StoreFault : std::uint8_t {
  kDamaged,  // not what was written, of another network, or of a newer version: nothing was changed
  kRefused,  // the system or the disk refused
};

struct StoreError {
  std::string message;  // one sentence: which file, what to do
  StoreFault fault = StoreFault::kRefused;
};
template <class T>
using StoreResult = base::Expected<T, StoreError>;

// How far the gateway has followed the ledger.
struct FollowPoint {
  ledger::Height height;
  ledger::BlockHash block;
  base::UnixMillis timestamp;
  std::uint32_t next_ordinal = 0;  // of events after this block
  friend bool operator==(const FollowPoint&, const FollowPoint&) = default;
};

inline constexpr std::size_t kInvoicePageMax = 100;
inline constexpr std::size_t kEventPageMax = 1000;

struct InvoiceReference {  // unique among all invoices
  ledger::Address payee;
  ledger::AssetId asset;
  std::string reference;
  friend bool operator==(const InvoiceReference&, const InvoiceReference&) = default;
};

struct InvoiceQuery {
  std::optional<InvoiceStatus> status;
  std::string cursor;        // empty: newest; otherwise next_cursor of the page before
  std::uint32_t limit = 20;  // 1 to kInvoicePageMax
};
struct InvoicePage {
  std::vector<Invoice> invoices;  // newest first
  std::string next_cursor;        // empty at the end
};

// One step: what it holds becomes durable together. Each invoice, endpoint and delivery comes once.
struct Changes {
  std::vector<Invoice> invoices;  // new and changed: status, ended_at, received, payments
  std::vector<Event> events;
  std::vector<WebhookEndpoint> endpoints;    // new and changed
  std::vector<EndpointId> endpoints_erased;  // with their deliveries
  std::vector<Delivery> deliveries;          // new ones
  struct DeliveryStep {  // of one that exists; skipped when `before` does not: it was erased
    Delivery before;
    std::optional<Delivery> after;  // nothing: ended
  };
  std::vector<DeliveryStep> delivery_steps;
  std::optional<FollowPoint> follow;
  std::optional<IdempotencyRecord> idempotency;
};

// kSynced: on disk when the call returns. kUnsynced: survives the end of the process, and of the
// machine no later than the next synced change.
enum class Sync : std::uint8_t { kSynced, kUnsynced };

class MerchantStore {
 public:
  virtual ~MerchantStore() = default;

  // Of this store for ever; part of every event id.
  [[nodiscard]] virtual const base::Bytes& instance() const = 0;

  [[nodiscard]] virtual StoreResult<std::optional<FollowPoint>> follow_point() const = 0;
  [[nodiscard]] virtual StoreResult<std::optional<Invoice>> invoice(const InvoiceId& id) const = 0;
  [[nodiscard]] virtual StoreResult<std::optional<Invoice>> invoice(
      const InvoiceReference& reference) const = 0;
  // Empty: no page of this list contained the cursor.
  [[nodiscard]] virtual StoreResult<std::optional<InvoicePage>> invoices(
      const InvoiceQuery& query) const = 0;
  // Open ones with expires_at < `time`, soonest first.
  [[nodiscard]] virtual StoreResult<std::vector<Invoice>> expiring_before(
      base::UnixMillis time, std::size_t limit) const = 0;
  // Whether any invoice has this payee; answered from memory.
  [[nodiscard]] virtual bool is_payee(const ledger::AccountId& account) const = 0;

  // Oldest first, at most kEventPageMax.
  [[nodiscard]] virtual StoreResult<std::vector<Event>> events_after(const EventCursor& cursor,
                                                                     std::size_t limit) const = 0;
  [[nodiscard]] virtual StoreResult<std::vector<Event>> events_from_start(
      std::size_t limit) const = 0;
  [[nodiscard]] virtual StoreResult<std::optional<Event>> event(
      const EventCursor& cursor) const = 0;

  // At most kEndpointsMax; answered from memory.
  [[nodiscard]] virtual std::vector<WebhookEndpoint> endpoints() const = 0;
  // To one endpoint, soonest first, due or not: the backlog of one must not hide that of another.
  [[nodiscard]] virtual StoreResult<std::vector<Delivery>> deliveries_to(
      const EndpointId& endpoint, std::size_t limit) const = 0;

  [[nodiscard]] virtual StoreResult<std::optional<IdempotencyRecord>> idempotency(
      const IdempotencyKey& key) const = 0;
  // Removes records made before `time`, at most `limit`; returns how many.
  [[nodiscard]] virtual StoreResult<std::size_t> forget_idempotency_before(base::UnixMillis time,
                                                                           std::size_t limit) = 0;

  [[nodiscard]] virtual StoreResult<void> apply(const Changes& changes, Sync sync) = 0;
};

}  // namespace peerpay::api
