#include "tests/support/api/memory_store.h"

#include <algorithm>
#include <tuple>

#include "api/store/schema.h"

namespace peerpay::api::test {
namespace {

using Lock = std::lock_guard<std::mutex>;

template <class T>
T first(T values, std::size_t limit) {
  if (values.size() > limit) values.resize(limit);
  return values;
}

ListPosition position_of(const Invoice& invoice) { return {invoice.created_at, invoice.id}; }

bool is_newer(const Invoice* a, const Invoice* b) {
  if (a->created_at != b->created_at) return a->created_at > b->created_at;
  return a->id < b->id;
}

}  // namespace

MemoryStore::MemoryStore() : instance_(kInstanceBytes, 0x5a) {}

void MemoryStore::fail_changes(std::string sentence) {
  const Lock lock{mutex_};
  failure_ = std::move(sentence);
}

Sync MemoryStore::last_sync() const {
  const Lock lock{mutex_};
  return last_sync_.value();
}

StoreResult<std::optional<FollowPoint>> MemoryStore::follow_point() const {
  const Lock lock{mutex_};
  return follow_;
}

StoreResult<std::optional<Invoice>> MemoryStore::invoice(const InvoiceId& id) const {
  const Lock lock{mutex_};
  const auto found = invoices_.find(id);
  if (found == invoices_.end()) return std::optional<Invoice>{};
  return std::optional{found->second};
}

StoreResult<std::optional<Invoice>> MemoryStore::invoice(const InvoiceReference& reference) const {
  const Lock lock{mutex_};
  for (const auto& [id, invoice] : invoices_) {
    if (reference_of(invoice) == reference) return std::optional{invoice};
  }
  return std::optional<Invoice>{};
}

std::vector<const Invoice*> MemoryStore::newest_first(const InvoiceQuery& query) const {
  std::vector<const Invoice*> out;
  for (const auto& [id, invoice] : invoices_) {
    if (!query.status || invoice.status == *query.status) out.push_back(&invoice);
  }
  std::ranges::sort(out, is_newer);
  return out;
}

StoreResult<std::optional<InvoicePage>> MemoryStore::invoices(const InvoiceQuery& query) const {
  const Lock lock{mutex_};
  const auto after = parse_list_cursor(query.status, query.cursor);
  if (!query.cursor.empty() && !after) return std::optional<InvoicePage>{};
  const auto limit = std::clamp<std::size_t>(query.limit, 1, kInvoicePageMax);
  InvoicePage page;
  for (const auto* invoice : newest_first(query)) {
    if (after && list_key({}, position_of(*invoice)) <= list_key({}, *after)) continue;
    if (page.invoices.size() == limit) {
      page.next_cursor = format_list_cursor(query.status, position_of(page.invoices.back()));
      break;
    }
    page.invoices.push_back(*invoice);
  }
  return std::optional{std::move(page)};
}

StoreResult<std::vector<Invoice>> MemoryStore::expiring_before(base::UnixMillis time,
                                                               std::size_t limit) const {
  const Lock lock{mutex_};
  std::vector<Invoice> out;
  for (const auto& [id, invoice] : invoices_) {
    if (invoice.status == InvoiceStatus::kOpen && invoice.expires_at < time) out.push_back(invoice);
  }
  std::ranges::stable_sort(out, {}, &Invoice::expires_at);
  return first(std::move(out), limit);
}

bool MemoryStore::is_payee(const ledger::AccountId& account) const {
  const Lock lock{mutex_};
  return std::ranges::any_of(
      invoices_, [&account](const auto& row) { return row.second.payee.account == account; });
}

StoreResult<std::vector<Event>> MemoryStore::events_after(const EventCursor& cursor,
                                                          std::size_t limit) const {
  const Lock lock{mutex_};
  std::vector<Event> out;
  for (auto row = events_.upper_bound(cursor); row != events_.end(); ++row) {
    out.push_back(row->second);
  }
  return first(std::move(out), std::min(limit, kEventPageMax));
}

StoreResult<std::vector<Event>> MemoryStore::events_from_start(std::size_t limit) const {
  const Lock lock{mutex_};
  std::vector<Event> out;
  for (const auto& [cursor, event] : events_) out.push_back(event);
  return first(std::move(out), std::min(limit, kEventPageMax));
}

StoreResult<std::optional<Event>> MemoryStore::event(const EventCursor& cursor) const {
  const Lock lock{mutex_};
  const auto found = events_.find(cursor);
  if (found == events_.end()) return std::optional<Event>{};
  return std::optional{found->second};
}

std::vector<WebhookEndpoint> MemoryStore::endpoints() const {
  const Lock lock{mutex_};
  return endpoints_;
}

StoreResult<std::vector<Delivery>> MemoryStore::deliveries_to(const EndpointId& endpoint,
                                                              std::size_t limit) const {
  const Lock lock{mutex_};
  std::vector<Delivery> out;
  for (const auto& delivery : deliveries_) {
    if (delivery.endpoint == endpoint) out.push_back(delivery);
  }
  std::ranges::sort(out, {}, [](const Delivery& delivery) { return delivery_key(delivery); });
  return first(std::move(out), limit);
}

StoreResult<std::optional<IdempotencyRecord>> MemoryStore::idempotency(
    const IdempotencyKey& key) const {
  const Lock lock{mutex_};
  const auto found = records_.find(key);
  if (found == records_.end()) return std::optional<IdempotencyRecord>{};
  return std::optional{found->second};
}

StoreResult<std::size_t> MemoryStore::forget_idempotency_before(base::UnixMillis time,
                                                                std::size_t limit) {
  const Lock lock{mutex_};
  std::vector<std::pair<base::UnixMillis, IdempotencyKey>> old;
  for (const auto& [key, record] : records_) {
    if (record.made_at < time) old.emplace_back(record.made_at, key);
  }
  std::ranges::sort(old);
  old = first(std::move(old), limit);
  for (const auto& [made_at, key] : old) records_.erase(key);
  return old.size();
}

void MemoryStore::apply_deliveries(const Changes& changes) {
  deliveries_.insert(deliveries_.end(), changes.deliveries.begin(), changes.deliveries.end());
  for (const auto& step : changes.delivery_steps) {
    const auto found = std::ranges::find(deliveries_, step.before);
    if (found == deliveries_.end()) continue;
    deliveries_.erase(found);
    if (step.after) deliveries_.push_back(*step.after);
  }
  for (const auto& id : changes.endpoints_erased) {
    std::erase_if(endpoints_, [&id](const auto& endpoint) { return endpoint.id == id; });
    std::erase_if(deliveries_, [&id](const auto& delivery) { return delivery.endpoint == id; });
  }
}

StoreResult<void> MemoryStore::apply(const Changes& changes, Sync sync) {
  const Lock lock{mutex_};
  last_sync_ = sync;
  if (!failure_.empty()) return base::Unexpected{StoreError{failure_, StoreFault::kRefused}};
  for (const auto& invoice : changes.invoices) invoices_.insert_or_assign(invoice.id, invoice);
  for (const auto& event : changes.events) events_.insert_or_assign(event.cursor, event);
  for (const auto& endpoint : changes.endpoints) {
    const auto found = std::ranges::find(endpoints_, endpoint.id, &WebhookEndpoint::id);
    if (found == endpoints_.end()) {
      endpoints_.push_back(endpoint);
    } else {
      *found = endpoint;
    }
  }
  apply_deliveries(changes);
  if (changes.follow) follow_ = changes.follow;
  if (const auto& record = changes.idempotency) records_.insert_or_assign(record->key, *record);
  return {};
}

}  // namespace peerpay::api::test
