#pragma once
// Events: what happened to a merchant's objects, in one order that follows the ledger.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/core/ids.h"
#include "base/bytes.h"
#include "base/time.h"
#include "ledger/ids.h"

namespace peerpay::api {

// Where an event stands: the height of the newest block that had been followed, and its number
// after that block. Every event has its own; later events have greater ones.
struct EventCursor {
  ledger::Height height;
  std::uint32_t ordinal = 0;
  friend auto operator<=>(const EventCursor&, const EventCursor&) = default;
};
// "1234-5"; what clients keep, and give back unread.
[[nodiscard]] std::string format_cursor(const EventCursor& cursor);
[[nodiscard]] std::optional<EventCursor> parse_cursor(std::string_view text);

// Numbers are stored, frozen.
enum class EventType : std::uint8_t {
  kInvoiceOpened = 0,             // "invoice.opened"
  kInvoicePaid = 1,               // "invoice.paid"
  kInvoiceExpired = 2,            // "invoice.expired"
  kInvoiceVoided = 3,             // "invoice.voided"
  kInvoicePaymentReceived = 4,    // "invoice.payment_received": in time, and not enough yet
  kInvoicePaymentUnexpected = 5,  // "invoice.payment_unexpected": after the end: somebody to refund
};
inline constexpr std::size_t kEventTypes = 6;
[[nodiscard]] std::string_view name(EventType type);
[[nodiscard]] std::optional<EventType> parse_event_type(std::string_view text);

// The same for the same instance of a store and the same cursor, for ever.
[[nodiscard]] EventId event_id(base::ByteView instance, const EventCursor& cursor);

struct Event {
  EventId id;
  EventCursor cursor;
  EventType type = EventType::kInvoiceOpened;
  base::UnixMillis timestamp;  // of the block, or the gateway's clock
  InvoiceId invoice;
  // The body of the webhook, made once and never changed: what is signed and sent again is this.
  std::string payload;
  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace peerpay::api
