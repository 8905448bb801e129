// The reads of RocksDbStore.
#include <algorithm>
#include <mutex>
#include <utility>

#include "api/store/rocksdb_store.h"
#include "api/store/schema.h"
#include "api/store/tables.h"

namespace peerpay::api {
namespace {

using base::Bytes;
using base::ByteView;
using base::Unexpected;

// One position of a list after the other, from `key` on, until `visit` says false.
template <class Visit>
StoreResult<void> scan_list(const database::Database& database, InvoiceList list, const Bytes& key,
                            const Visit& visit) {
  return said_on(database.scan(Table::kInvoiceLists, key, [&](ByteView row, ByteView) {
    const auto position = decode_list_key(list, row);
    return position && visit(*position);
  }));
}

}  // namespace

StoreResult<std::optional<FollowPoint>> RocksDbStore::follow_point() const {
  const std::shared_lock lock{mutex_};
  return follow_;
}

StoreResult<std::optional<Invoice>> RocksDbStore::invoice(const InvoiceId& id) const {
  const auto value = database_->get(Table::kInvoices, id.view());
  if (!value) return said_on(value.error());
  if (!*value) return std::optional<Invoice>{};
  auto invoice = decode_invoice(**value);
  if (!invoice) return corrupt("invoice " + format_id(id) + " is not readable");
  return invoice;
}

StoreResult<std::optional<Invoice>> RocksDbStore::invoice(const InvoiceReference& reference) const {
  const auto value = database_->get(Table::kReferences, reference_key(reference));
  if (!value) return said_on(value.error());
  if (!*value) return std::optional<Invoice>{};
  const auto id = InvoiceId::from(**value);
  auto found = id ? invoice(*id) : StoreResult<std::optional<Invoice>>{std::optional<Invoice>{}};
  if (found && !*found) return corrupt("a reference names no invoice");
  return found;
}

StoreResult<std::optional<InvoicePage>> RocksDbStore::invoices(const InvoiceQuery& query) const {
  const auto after = parse_list_cursor(query.status, query.cursor);
  if (!query.cursor.empty() && !after) return std::optional<InvoicePage>{};
  const std::size_t limit = std::clamp<std::size_t>(query.limit, 1, kInvoicePageMax);
  std::vector<ListPosition> positions;
  bool has_more = false;
  const Bytes from = after ? list_key(query.status, *after) : list_start_key(query.status);
  const auto scanned = scan_list(*database_, query.status, from, [&](const ListPosition& position) {
    if (position == after) return true;
    has_more = positions.size() == limit;
    if (!has_more) positions.push_back(position);
    return !has_more;
  });
  if (!scanned) return Unexpected{scanned.error()};
  InvoicePage page;
  for (const auto& position : positions) {
    auto found = invoice(position.id);
    if (!found) return Unexpected{found.error()};
    if (!*found) return corrupt("a list names no invoice");
    // It may have ended since the list was read.
    if (query.status && (*found)->status != *query.status) continue;
    page.invoices.push_back(std::move(**found));
  }
  if (has_more) page.next_cursor = format_list_cursor(query.status, positions.back());
  return std::optional{std::move(page)};
}

StoreResult<std::vector<Invoice>> RocksDbStore::expiring_before(base::UnixMillis time,
                                                                std::size_t limit) const {
  const auto mark = expiries_.mark();
  std::optional<Bytes> first;
  std::vector<InvoiceId> ids;
  const auto scanned = database_->scan(Table::kExpiries, mark.from, [&](ByteView key, ByteView) {
    if (!first) first = Bytes{key.begin(), key.end()};
    const auto row = decode_time_key<InvoiceId>(key);
    if (!row || row->time >= time || ids.size() == limit) return false;
    ids.push_back(row->id);
    return true;
  });
  if (!scanned) return said_on(scanned.error());
  expiries_.raise(mark, first);
  std::vector<Invoice> out;
  for (const auto& id : ids) {
    auto found = invoice(id);
    if (!found) return Unexpected{found.error()};
    if (*found && (*found)->status == InvoiceStatus::kOpen) out.push_back(std::move(**found));
  }
  return out;
}

bool RocksDbStore::is_payee(const ledger::AccountId& account) const {
  const std::shared_lock lock{mutex_};
  return payees_.contains(account);
}

StoreResult<std::vector<Event>> RocksDbStore::events_from(const Bytes& key,
                                                          std::size_t limit) const {
  limit = std::min(limit, kEventPageMax);
  std::vector<Event> out;
  bool readable = true;
  const auto scanned = database_->scan(Table::kEvents, key, [&](ByteView, ByteView value) {
    if (out.size() == limit) return false;
    auto event = decode_event(value);
    readable = event.has_value();
    if (readable) out.push_back(std::move(*event));
    return readable;
  });
  if (!scanned) return said_on(scanned.error());
  if (!readable) return corrupt("an event is not readable");
  return out;
}

StoreResult<std::vector<Event>> RocksDbStore::events_after(const EventCursor& cursor,
                                                           std::size_t limit) const {
  Bytes key = event_key(cursor);
  key.push_back(0);  // the first key above it
  return events_from(key, limit);
}

StoreResult<std::vector<Event>> RocksDbStore::events_from_start(std::size_t limit) const {
  return events_from({}, limit);
}

StoreResult<std::optional<Event>> RocksDbStore::event(const EventCursor& cursor) const {
  const auto value = database_->get(Table::kEvents, event_key(cursor));
  if (!value) return said_on(value.error());
  if (!*value) return std::optional<Event>{};
  auto event = decode_event(**value);
  if (!event) return corrupt("event " + format_cursor(cursor) + " is not readable");
  return event;
}

std::vector<WebhookEndpoint> RocksDbStore::endpoints() const {
  const std::shared_lock lock{mutex_};
  return endpoints_;
}

std::shared_ptr<QueueFront> RocksDbStore::deliveries_front(const EndpointId& endpoint) const {
  const std::shared_lock lock{mutex_};
  const auto found = deliveries_.find(endpoint);
  return found == deliveries_.end() ? nullptr : found->second;
}

StoreResult<std::vector<Delivery>> RocksDbStore::deliveries_to(const EndpointId& endpoint,
                                                               std::size_t limit) const {
  const auto front = deliveries_front(endpoint);
  if (!front) return std::vector<Delivery>{};
  const auto mark = front->mark();
  const ByteView start = endpoint.view();
  const Bytes from = std::max(mark.from, Bytes{start.begin(), start.end()});
  std::optional<Bytes> first;
  std::vector<Delivery> out;
  const auto scanned = database_->scan(Table::kDeliveries, from, [&](ByteView key, ByteView value) {
    const auto delivery = decode_delivery(key, value);
    if (!delivery || delivery->endpoint != endpoint) return false;
    if (!first) first = Bytes{key.begin(), key.end()};
    if (out.size() == limit) return false;
    out.push_back(*delivery);
    return true;
  });
  if (!scanned) return said_on(scanned.error());
  front->raise(mark, first);
  return out;
}

StoreResult<std::optional<IdempotencyRecord>> RocksDbStore::idempotency(
    const IdempotencyKey& key) const {
  const auto value = database_->get(Table::kIdempotency, key.view());
  if (!value) return said_on(value.error());
  if (!*value) return std::optional<IdempotencyRecord>{};
  auto record = decode_idempotency(**value);
  if (!record) return corrupt("an idempotency record is not readable");
  return record;
}

}  // namespace peerpay::api
