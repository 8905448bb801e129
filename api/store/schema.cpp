#include "api/store/schema.h"

#include <utility>

#include "base/bcs.h"
#include "base/big_endian.h"
#include "crypto/hash.h"

namespace peerpay::api {
namespace {

using base::append_big_endian;
using base::BcsReader;
using base::BcsWriter;
using base::big_endian;
using base::Bytes;
using base::ByteView;
using base::UnixMillis;

// Bounds of what was written; the rules bound what is accepted far below.
constexpr std::size_t kTextBytesMax = 64 * 1024;
constexpr std::size_t kPayloadBytesMax = 1024 * 1024;
constexpr std::size_t kHeadersMax = 64;

constexpr std::uint8_t kCursorVersion = 1;
constexpr std::size_t kListKeyBytes = 1 + 8 + InvoiceId::kSize;
constexpr std::size_t kCursorBytes = 1 + kListKeyBytes + 4;
constexpr std::size_t kEventKeyBytes = 8 + 4;
constexpr std::size_t kDeliveryKeyBytes = 8 + EndpointId::kSize + kEventKeyBytes;

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void append(Bytes& out, const EventCursor& cursor) {
  append_big_endian(out, cursor.height.value);
  append_big_endian(out, cursor.ordinal);
}

// The value, if all of it was read and nothing is left.
template <class T>
std::optional<T> whole(BcsReader& in, T&& value) {
  if (!in.finish()) return std::nullopt;
  return std::forward<T>(value);
}

void write(BcsWriter& out, std::string_view text) { out.bytes(base::as_bytes(text)); }
std::string read_text(BcsReader& in, std::size_t size_max = kTextBytesMax) {
  return base::to_text(in.bytes(size_max));
}

void write(BcsWriter& out, const std::optional<std::uint64_t>& value) {
  out.boolean(value.has_value());
  if (value) out.u64(*value);
}
std::optional<std::uint64_t> read_optional(BcsReader& in) {
  if (!in.boolean()) return std::nullopt;
  return in.u64();
}

void write(BcsWriter& out, const std::optional<UnixMillis>& time) {
  write(out, time ? std::optional{time->value} : std::nullopt);
}
std::optional<UnixMillis> read_optional_time(BcsReader& in) {
  const auto value = read_optional(in);
  return value ? std::optional{UnixMillis{*value}} : std::nullopt;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;
void write(BcsWriter& out, const Pairs& pairs) {
  out.uleb(static_cast<std::uint32_t>(pairs.size()));
  for (const auto& [name, value] : pairs) {
    write(out, name);
    write(out, value);
  }
}
Pairs read_pairs(BcsReader& in, std::size_t count_max) {
  Pairs out(in.length(count_max, 2));
  for (auto& [name, value] : out) {
    name = read_text(in);
    value = read_text(in);
  }
  return out;
}

void write(BcsWriter& out, const InvoicePayment& payment) {
  out.fixed(payment.transaction);
  out.u32(payment.leg);
  out.u64(payment.height.value);
  out.u64(payment.timestamp.value);
  out.fixed(payment.payer);
  out.u64(payment.amount.units());
}
InvoicePayment read_payment(BcsReader& in) {
  InvoicePayment payment;
  payment.transaction = in.fixed<ledger::TransactionId>();
  payment.leg = in.u32();
  payment.height.value = in.u64();
  payment.timestamp.value = in.u64();
  payment.payer = in.fixed<ledger::AccountId>();
  payment.amount = ledger::Amount{in.u64()};
  return payment;
}
constexpr std::size_t kPaymentBytes = 32 + 4 + 8 + 8 + 32 + 8;

template <class Enum>
void write_enum(BcsWriter& out, Enum value) {
  out.uleb(static_cast<std::uint32_t>(value));
}
template <class Enum>
Enum read_enum(BcsReader& in, std::size_t count) {
  return static_cast<Enum>(in.variant(static_cast<std::uint32_t>(count)));
}

std::uint8_t number_of(InvoiceList list) {
  return list ? static_cast<std::uint8_t>(1 + static_cast<std::uint8_t>(*list)) : 0;
}

Bytes cursor_bytes(InvoiceList list, const ListPosition& position) {
  Bytes out{kCursorVersion};
  append(out, list_key(list, position));
  append(out, crypto::sha256(out).view().first(kCursorBytes - out.size()));
  return out;
}

}  // namespace

Bytes encode(const Invoice& invoice) {
  BcsWriter out;
  out.fixed(invoice.id);
  write_enum(out, invoice.status);
  out.fixed(invoice.payee.account);
  write(out, invoice.payee.tag);
  out.u32(invoice.asset.value);
  out.u64(invoice.amount.units());
  write(out, invoice.reference);
  write(out, invoice.description);
  write(out, invoice.metadata);
  out.u64(invoice.created_at.value);
  out.u64(invoice.expires_at.value);
  write(out, invoice.ended_at);
  out.u64(invoice.received.units());
  out.uleb(static_cast<std::uint32_t>(invoice.payments.size()));
  for (const auto& payment : invoice.payments) write(out, payment);
  return std::move(out).take();
}

std::optional<Invoice> decode_invoice(ByteView bytes) {
  BcsReader in{bytes};
  Invoice invoice;
  invoice.id = in.fixed<InvoiceId>();
  invoice.status = read_enum<InvoiceStatus>(in, kInvoiceStatuses);
  invoice.payee.account = in.fixed<ledger::AccountId>();
  invoice.payee.tag = read_optional(in);
  invoice.asset.value = in.u32();
  invoice.amount = ledger::Amount{in.u64()};
  invoice.reference = read_text(in);
  invoice.description = read_text(in);
  invoice.metadata = read_pairs(in, kMetadataKeysMax);
  invoice.created_at.value = in.u64();
  invoice.expires_at.value = in.u64();
  invoice.ended_at = read_optional_time(in);
  invoice.received = ledger::Amount{in.u64()};
  invoice.payments.resize(in.length(kInvoicePaymentsKept, kPaymentBytes));
  for (auto& payment : invoice.payments) payment = read_payment(in);
  return whole(in, std::move(invoice));
}

Bytes encode(const Event& event) {
  BcsWriter out;
  out.fixed(event.id);
  out.u64(event.cursor.height.value);
  out.u32(event.cursor.ordinal);
  write_enum(out, event.type);
  out.u64(event.timestamp.value);
  out.fixed(event.invoice);
  write(out, event.payload);
  return std::move(out).take();
}

std::optional<Event> decode_event(ByteView bytes) {
  BcsReader in{bytes};
  Event event;
  event.id = in.fixed<EventId>();
  event.cursor.height.value = in.u64();
  event.cursor.ordinal = in.u32();
  event.type = read_enum<EventType>(in, kEventTypes);
  event.timestamp.value = in.u64();
  event.invoice = in.fixed<InvoiceId>();
  event.payload = read_text(in, kPayloadBytesMax);
  return whole(in, std::move(event));
}

Bytes encode(const WebhookEndpoint& endpoint) {
  BcsWriter out;
  out.fixed(endpoint.id);
  write_enum(out, endpoint.status);
  write(out, endpoint.status_reason);
  write(out, endpoint.url);
  write(out, endpoint.description);
  out.uleb(static_cast<std::uint32_t>(endpoint.types.size()));
  for (const auto type : endpoint.types) write_enum(out, type);
  out.bytes(endpoint.secret);
  out.u64(endpoint.created_at.value);
  write(out, endpoint.failing_since);
  return std::move(out).take();
}

std::optional<WebhookEndpoint> decode_endpoint(ByteView bytes) {
  BcsReader in{bytes};
  WebhookEndpoint endpoint;
  endpoint.id = in.fixed<EndpointId>();
  endpoint.status = read_enum<EndpointStatus>(in, kEndpointStatuses);
  endpoint.status_reason = read_text(in);
  endpoint.url = read_text(in);
  endpoint.description = read_text(in);
  endpoint.types.resize(in.length(kEventTypes));
  for (auto& type : endpoint.types) type = read_enum<EventType>(in, kEventTypes);
  const auto secret = in.bytes(kTextBytesMax);
  endpoint.secret.assign(secret.begin(), secret.end());
  endpoint.created_at.value = in.u64();
  endpoint.failing_since = read_optional_time(in);
  return whole(in, std::move(endpoint));
}

Bytes encode(const IdempotencyRecord& record) {
  BcsWriter out;
  out.fixed(record.key);
  out.fixed(record.request);
  out.u64(record.made_at.value);
  out.u16(record.status);
  write(out, record.headers);
  write(out, record.body);
  return std::move(out).take();
}

std::optional<IdempotencyRecord> decode_idempotency(ByteView bytes) {
  BcsReader in{bytes};
  IdempotencyRecord record;
  record.key = in.fixed<IdempotencyKey>();
  record.request = in.fixed<crypto::Hash>();
  record.made_at.value = in.u64();
  record.status = in.u16();
  record.headers = read_pairs(in, kHeadersMax);
  record.body = read_text(in, kPayloadBytesMax);
  return whole(in, std::move(record));
}

Bytes encode(const FollowPoint& point) {
  BcsWriter out;
  out.u64(point.height.value);
  out.fixed(point.block);
  out.u64(point.timestamp.value);
  out.u32(point.next_ordinal);
  return std::move(out).take();
}

std::optional<FollowPoint> decode_follow_point(ByteView bytes) {
  BcsReader in{bytes};
  FollowPoint point;
  point.height.value = in.u64();
  point.block = in.fixed<ledger::BlockHash>();
  point.timestamp.value = in.u64();
  point.next_ordinal = in.u32();
  return whole(in, std::move(point));
}

Bytes reference_key(const InvoiceReference& reference) {
  Bytes out;
  append(out, reference.payee.account.view());
  out.push_back(reference.payee.tag ? 1 : 0);
  if (reference.payee.tag) append_big_endian(out, *reference.payee.tag);
  append_big_endian(out, reference.asset.value);
  append(out, base::as_bytes(reference.reference));
  return out;
}

InvoiceReference reference_of(const Invoice& invoice) {
  return {invoice.payee, invoice.asset, invoice.reference};
}

template <class Id>
Bytes time_key(UnixMillis time, const Id& id) {
  Bytes out;
  append_big_endian(out, time.value);
  append(out, id.view());
  return out;
}

template <class Id>
std::optional<TimeKey<Id>> decode_time_key(ByteView key) {
  if (key.size() != 8 + Id::kSize) return std::nullopt;
  return TimeKey<Id>{{big_endian<std::uint64_t>(key)}, *Id::from(key.subspan(8))};
}

template Bytes time_key(UnixMillis, const InvoiceId&);
template Bytes time_key(UnixMillis, const IdempotencyKey&);
template std::optional<TimeKey<InvoiceId>> decode_time_key(ByteView);
template std::optional<TimeKey<IdempotencyKey>> decode_time_key(ByteView);

Bytes event_key(const EventCursor& cursor) {
  Bytes out;
  append(out, cursor);
  return out;
}

Bytes delivery_key(const Delivery& delivery) {
  Bytes out;
  append(out, delivery.endpoint.view());
  append_big_endian(out, delivery.due.value);
  append(out, delivery.event);
  return out;
}

Bytes delivery_value(const Delivery& delivery) {
  BcsWriter out;
  out.u32(delivery.attempts);
  return std::move(out).take();
}

std::optional<Delivery> decode_delivery(ByteView key, ByteView value) {
  if (key.size() != kDeliveryKeyBytes) return std::nullopt;
  BcsReader in{value};
  Delivery delivery;
  delivery.endpoint = *EndpointId::from(key.first(EndpointId::kSize));
  delivery.due.value = big_endian<std::uint64_t>(key.subspan(EndpointId::kSize));
  const ByteView event = key.last(kEventKeyBytes);
  delivery.event = {ledger::Height{big_endian<std::uint64_t>(event)},
                    big_endian<std::uint32_t>(event.subspan(8))};
  delivery.attempts = in.u32();
  return whole(in, std::move(delivery));
}

Bytes list_start_key(InvoiceList list) { return {number_of(list)}; }

Bytes list_key(InvoiceList list, const ListPosition& position) {
  Bytes out = list_start_key(list);
  append_big_endian(out, ~position.created_at.value);
  append(out, position.id.view());
  return out;
}

std::optional<ListPosition> decode_list_key(InvoiceList list, ByteView key) {
  if (key.size() != kListKeyBytes || key[0] != number_of(list)) return std::nullopt;
  return ListPosition{{~big_endian<std::uint64_t>(key.subspan(1))},
                      *InvoiceId::from(key.subspan(9))};
}

std::string format_list_cursor(InvoiceList list, const ListPosition& position) {
  return base::to_hex(cursor_bytes(list, position));
}

std::optional<ListPosition> parse_list_cursor(InvoiceList list, std::string_view text) {
  if (text.size() != 2 * kCursorBytes) return std::nullopt;
  const auto bytes = base::from_hex(text);
  if (!bytes) return std::nullopt;
  const auto position = decode_list_key(list, ByteView{*bytes}.subspan(1, kListKeyBytes));
  if (!position || cursor_bytes(list, *position) != *bytes) return std::nullopt;
  return position;
}

}  // namespace peerpay::api
