// Rows of the merchants' database: one encoding each; keys lie in the order of what they stand for;
// cursors are the list's own.

#include "api/store/schema.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;
using namespace peerpay::api;

void check_keys(base::ByteView in) {
  fuzz::Draw draw{in};
  const ListPosition a{{draw.integer()}, draw.fixed<InvoiceId>()};
  const ListPosition b{{draw.integer()}, a.id};
  const InvoiceList all;
  const InvoiceList paid{InvoiceStatus::kPaid};
  PEERPAY_CHECK(decode_list_key(all, list_key(all, a)) == a, "a position comes back");
  PEERPAY_CHECK(!decode_list_key(paid, list_key(all, a)), "a key is of one list");
  PEERPAY_CHECK((list_key(all, a) > list_key(all, b)) == (a.created_at < b.created_at),
                "the newest comes first");
  PEERPAY_CHECK(list_start_key(all) <= list_key(all, a), "the start is before all");
  PEERPAY_CHECK(parse_list_cursor(all, format_list_cursor(all, a)) == a, "a cursor comes back");
  PEERPAY_CHECK(!parse_list_cursor(paid, format_list_cursor(all, a)), "a cursor is of one list");

  const EventCursor first{{draw.integer()}, static_cast<std::uint32_t>(draw.integer(4))};
  const EventCursor second{{draw.integer()}, static_cast<std::uint32_t>(draw.integer(4))};
  PEERPAY_CHECK((event_key(first) < event_key(second)) == (first < second), "events ascend");
  const Delivery delivery{draw.fixed<EndpointId>(), first, draw.byte(), {draw.integer()}};
  PEERPAY_CHECK(decode_delivery(delivery_key(delivery), delivery_value(delivery)) == delivery,
                "a delivery comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView in{data, size};
  fuzz::check_canonical(in, decode_invoice);
  fuzz::check_canonical(in, decode_event);
  fuzz::check_canonical(in, decode_endpoint);
  fuzz::check_canonical(in, decode_idempotency);
  fuzz::check_canonical(in, decode_follow_point);
  if (const auto key = decode_time_key<InvoiceId>(in)) {
    PEERPAY_CHECK(std::ranges::equal(time_key(key->time, key->id), in), "a time has one key");
  }
  const auto cursor = parse_list_cursor({}, fuzz::as_text(in));
  PEERPAY_CHECK(!cursor || parse_list_cursor({}, format_list_cursor({}, *cursor)) == cursor,
                "a cursor has one meaning");
  check_keys(in);
  return 0;
}
