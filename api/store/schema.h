#pragma once
// Keys and values of the merchants' database (docs/spec/merchant.md, "Tables"). Pure.
//
//   default           name                               -> version, chain, instance, follow
//   invoices          invoice id                         -> Invoice
//   invoice_lists     list u8, ~created_at, invoice id   -> nothing: newest first
//   references        payee, option<tag>, asset, text    -> invoice id
//   payees            account                            -> nothing
//   expiries          expires_at, invoice id             -> nothing: open invoices only
//   events            height, ordinal                    -> Event
//   endpoints         endpoint id                        -> WebhookEndpoint
//   deliveries        endpoint id, due, height, ordinal  -> attempts u32
//   idempotency       key                                -> IdempotencyRecord
//   idempotency_times made_at, key                       -> nothing
//
// Integers in keys are big-endian, so that rows lie in their order; ~ inverts all bits. Values are
// BCS.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/store/merchant_store.h"
#include "base/bytes.h"

namespace peerpay::api {

inline constexpr std::uint32_t kMerchantStoreVersion = 1;
inline constexpr std::size_t kInstanceBytes = 16;

[[nodiscard]] base::Bytes encode(const Invoice& invoice);
[[nodiscard]] std::optional<Invoice> decode_invoice(base::ByteView bytes);
[[nodiscard]] base::Bytes encode(const Event& event);
[[nodiscard]] std::optional<Event> decode_event(base::ByteView bytes);
[[nodiscard]] base::Bytes encode(const WebhookEndpoint& endpoint);
[[nodiscard]] std::optional<WebhookEndpoint> decode_endpoint(base::ByteView bytes);
[[nodiscard]] base::Bytes encode(const IdempotencyRecord& record);
[[nodiscard]] std::optional<IdempotencyRecord> decode_idempotency(base::ByteView bytes);
[[nodiscard]] base::Bytes encode(const FollowPoint& point);
[[nodiscard]] std::optional<FollowPoint> decode_follow_point(base::ByteView bytes);

[[nodiscard]] base::Bytes reference_key(const InvoiceReference& reference);
[[nodiscard]] InvoiceReference reference_of(const Invoice& invoice);

// A time, then an id: rows of the queues expiries and idempotency_times.
template <class Id>
[[nodiscard]] base::Bytes time_key(base::UnixMillis time, const Id& id);
template <class Id>
struct TimeKey {
  base::UnixMillis time;
  Id id;
};
template <class Id>
[[nodiscard]] std::optional<TimeKey<Id>> decode_time_key(base::ByteView key);

[[nodiscard]] base::Bytes event_key(const EventCursor& cursor);

// Those to one endpoint begin with its id.
[[nodiscard]] base::Bytes delivery_key(const Delivery& delivery);
[[nodiscard]] base::Bytes delivery_value(const Delivery& delivery);
[[nodiscard]] std::optional<Delivery> decode_delivery(base::ByteView key, base::ByteView value);

// All invoices, or those of one status.
using InvoiceList = std::optional<InvoiceStatus>;
// Where an invoice stands in a list.
struct ListPosition {
  base::UnixMillis created_at;
  InvoiceId id;
  friend bool operator==(const ListPosition&, const ListPosition&) = default;
};
// Before all positions, that is newer than any: of a scan's start.
[[nodiscard]] base::Bytes list_start_key(InvoiceList list);
[[nodiscard]] base::Bytes list_key(InvoiceList list, const ListPosition& position);
// Empty for another list's key.
[[nodiscard]] std::optional<ListPosition> decode_list_key(InvoiceList list, base::ByteView key);
// Text that stands for "after this position of this list". Not a secret; altered texts and those of
// another list are refused.
[[nodiscard]] std::string format_list_cursor(InvoiceList list, const ListPosition& position);
[[nodiscard]] std::optional<ListPosition> parse_list_cursor(InvoiceList list,
                                                            std::string_view text);

}  // namespace peerpay::api
