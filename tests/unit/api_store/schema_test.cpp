#include "api/store/schema.h"

#include <gtest/gtest.h>

#include "tests/unit/api_store/shop.h"

namespace peerpay::api {
namespace {

using base::Bytes;
using base::ByteView;

// Any truncation and any byte more is refused, and what is accepted has one encoding.
template <class Decode>
void expect_one_encoding(const Bytes& bytes, Decode decode) {
  ASSERT_TRUE(decode(bytes).has_value());
  EXPECT_EQ(encode(*decode(bytes)), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(ByteView{bytes}.first(size)).has_value()) << size;
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode(longer).has_value());
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    Bytes flipped = bytes;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
    const auto other = decode(flipped);
    EXPECT_TRUE(!other || encode(*other) == flipped) << bit;
  }
}

Invoice full_invoice() {
  auto invoice = test::invoice_of(7);
  invoice.status = InvoiceStatus::kPaid;
  invoice.payee.tag = 99;
  invoice.description = "Two";
  invoice.metadata = {{"a", "1"}, {"b", ""}};
  invoice.ended_at = invoice.expires_at;
  invoice.received = ledger::Amount{101};
  invoice.payments = {{{}, 3, ledger::Height{5}, {6}, {}, ledger::Amount{101}}};
  return invoice;
}

TEST(MerchantSchema, ValuesHaveOneEncoding) {
  expect_one_encoding(encode(test::invoice_of(1)), decode_invoice);
  expect_one_encoding(encode(full_invoice()), decode_invoice);
  Event event{
      test::id_of<EventId>(4), {ledger::Height{1}, 2}, EventType::kInvoicePaid, {3}, {}, "{}"};
  expect_one_encoding(encode(event), decode_event);
  auto endpoint = test::endpoint_of(1);
  endpoint.types = {EventType::kInvoicePaid, EventType::kInvoiceVoided};
  endpoint.failing_since = base::UnixMillis{5};
  expect_one_encoding(encode(endpoint), decode_endpoint);
  expect_one_encoding(encode(test::record_of(1, {5})), decode_idempotency);
  expect_one_encoding(encode(FollowPoint{ledger::Height{1}, {}, {2}, 3}), decode_follow_point);
}

TEST(MerchantSchema, ValuesAreReadBack) {
  EXPECT_EQ(decode_invoice(encode(full_invoice())), full_invoice());
  EXPECT_EQ(decode_endpoint(encode(test::endpoint_of(2))), test::endpoint_of(2));
}

// Frozen: what was written yesterday is read tomorrow.
TEST(MerchantSchema, TheBytesOfAnInvoice) {
  EXPECT_EQ(base::to_hex(encode(test::invoice_of(1))),
            "0100000000000000000000000000000000c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac"
            "09b95c709ee50000000000640000000000000005494e562d3100000168e5cf8b0100006152e6cf8b010000"
            "00000000000000000000");
}

TEST(MerchantSchema, KeysOfDifferentReferencesDiffer) {
  const auto key = [](std::optional<std::uint64_t> tag, std::uint32_t asset, std::string text) {
    return reference_key({{{}, tag}, ledger::AssetId{asset}, std::move(text)});
  };
  EXPECT_NE(key({}, 0, "a"), key(0, 0, "a"));
  EXPECT_NE(key(0, 0, "a"), key(1, 0, "a"));
  EXPECT_NE(key({}, 0, "a"), key({}, 1, "a"));
  EXPECT_NE(key({}, 0, "a"), key({}, 0, "ab"));
}

TEST(MerchantSchema, DeliveriesSortByDue) {
  const auto endpoint = test::id_of<EndpointId>(9);
  const Delivery early{endpoint, {ledger::Height{9}, 9}, 1, {255}};
  const Delivery late{endpoint, {}, 2, {256}};
  EXPECT_LT(delivery_key(early), delivery_key(late));
  EXPECT_EQ(decode_delivery(delivery_key(early), delivery_value(early)), early);
  EXPECT_FALSE(decode_delivery(Bytes(5), delivery_value(early)).has_value());
  EXPECT_FALSE(decode_delivery(delivery_key(early), Bytes(3)).has_value());
}

TEST(MerchantSchema, ListsAreNewestFirst) {
  const ListPosition older{{10}, test::id_of<InvoiceId>(1)};
  const ListPosition newer{{11}, test::id_of<InvoiceId>(0)};
  EXPECT_LT(list_key({}, newer), list_key({}, older));
  EXPECT_LT(list_start_key({}), list_key({}, newer));
  EXPECT_EQ(decode_list_key({}, list_key({}, older)), older);
  EXPECT_FALSE(decode_list_key(InvoiceStatus::kOpen, list_key({}, older)).has_value());
}

TEST(MerchantSchema, ListCursorsAreOfTheirListAndUnaltered) {
  const ListPosition position{{10}, test::id_of<InvoiceId>(1)};
  const auto text = format_list_cursor(InvoiceStatus::kPaid, position);
  EXPECT_EQ(parse_list_cursor(InvoiceStatus::kPaid, text), position);
  EXPECT_FALSE(parse_list_cursor(InvoiceStatus::kOpen, text).has_value());
  EXPECT_FALSE(parse_list_cursor({}, text).has_value());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto altered = text;
    altered[i] = altered[i] == '0' ? '1' : '0';
    EXPECT_FALSE(parse_list_cursor(InvoiceStatus::kPaid, altered).has_value()) << i;
  }
  for (const auto* other : {"", "00", "zz"}) {
    EXPECT_FALSE(parse_list_cursor(InvoiceStatus::kPaid, other).has_value()) << other;
  }
}

}  // namespace
}  // namespace peerpay::api
