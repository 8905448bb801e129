#include "api/core/event.h"

#include <algorithm>
#include <charconv>

#include "base/bcs.h"
#include "base/check.h"
#include "crypto/hash.h"

namespace peerpay::api {
namespace {

// The whole text as a decimal number in the one way that it is written.
template <class Int>
std::optional<Int> parse_decimal(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  Int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string format_cursor(const EventCursor& cursor) {
  return std::to_string(cursor.height.value) + "-" + std::to_string(cursor.ordinal);
}

std::optional<EventCursor> parse_cursor(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto height = parse_decimal<std::uint64_t>(text.substr(0, dash));
  const auto ordinal = parse_decimal<std::uint32_t>(text.substr(dash + 1));
  if (!height || !ordinal) return std::nullopt;
  return EventCursor{ledger::Height{*height}, *ordinal};
}

EventId event_id(base::ByteView instance, const EventCursor& cursor) {
  base::BcsWriter out;
  out.bytes(base::as_bytes("peerpay/event"));
  out.bytes(instance);
  out.u64(cursor.height.value);
  out.u32(cursor.ordinal);
  const crypto::Hash hash = crypto::sha256(out.view());
  return *EventId::from(hash.view().first(EventId::kSize));
}

std::string_view name(EventType type) {
  switch (type) {
    case EventType::kInvoiceOpened: return "invoice.opened";
    case EventType::kInvoicePaid: return "invoice.paid";
    case EventType::kInvoiceExpired: return "invoice.expired";
    case EventType::kInvoiceVoided: return "invoice.voided";
    case EventType::kInvoicePaymentReceived: return "invoice.payment_received";
    case EventType::kInvoicePaymentUnexpected: return "invoice.payment_unexpected";
  }
  PEERPAY_UNREACHABLE("every EventType has a name");
}

std::optional<EventType> parse_event_type(std::string_view text) {
  for (std::uint8_t number = 0; number < kEventTypes; ++number) {
    const auto type = static_cast<EventType>(number);
    if (name(type) == text) return type;
  }
  return std::nullopt;
}

}  // namespace peerpay::api
