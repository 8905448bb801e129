#include "api/core/event.h"

#include <gtest/gtest.h>

#include <set>

#include "api/core/invoice.h"

namespace peerpay::api {
namespace {

TEST(EventCursor, IsWrittenAndReadBack) {
  for (const EventCursor cursor :
       {EventCursor{}, {ledger::Height{12}, 3}, {ledger::Height{UINT64_MAX}, UINT32_MAX}}) {
    EXPECT_EQ(parse_cursor(format_cursor(cursor)), cursor);
  }
  EXPECT_EQ(format_cursor({ledger::Height{1234}, 5}), "1234-5");
}

TEST(EventCursor, HasOneFormOnly) {
  for (const auto* text : {"", "-", "1", "1-", "-1", "01-1", "1-01", "+1-1", "1--1", " 1-1", "1-1 ",
                           "1-4294967296", "18446744073709551616-0", "1-0x1", "a-1"}) {
    EXPECT_FALSE(parse_cursor(text).has_value()) << text;
  }
}

TEST(EventId, DependsOnTheInstanceAndTheCursorAlone) {
  const base::Bytes instance(16, 1);
  const EventCursor cursor{ledger::Height{7}, 2};
  // printf '\x0d%s\x10' peerpay/event; 16 times \x01; 7 as u64, 2 as u32, little-endian; sha256sum.
  EXPECT_EQ(base::to_hex(event_id(instance, cursor).view()), "d53cd14edf313d96a559ca7027932441");
  std::set<EventId> ids = {event_id(instance, cursor), event_id(base::Bytes(16, 2), cursor),
                           event_id(instance, {ledger::Height{2}, 7}),
                           event_id(instance, {ledger::Height{7}, 3})};
  EXPECT_EQ(ids.size(), 4U);
}

TEST(EventType, HasNamesThatAreReadBack) {
  std::set<std::string_view> names;
  for (std::uint8_t number = 0; number < kEventTypes; ++number) {
    const auto type = static_cast<EventType>(number);
    EXPECT_TRUE(names.insert(name(type)).second);
    EXPECT_EQ(parse_event_type(name(type)), type);
  }
  EXPECT_FALSE(parse_event_type("invoice").has_value());
}

TEST(InvoiceStatus, HasNamesThatAreReadBack) {
  for (std::uint8_t number = 0; number < kInvoiceStatuses; ++number) {
    const auto status = static_cast<InvoiceStatus>(number);
    EXPECT_EQ(parse_invoice_status(name(status)), status);
  }
  EXPECT_FALSE(parse_invoice_status("Open").has_value());
}

}  // namespace
}  // namespace peerpay::api
