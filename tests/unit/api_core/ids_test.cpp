#include "api/core/ids.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace peerpay::api {
namespace {

// Crockford's base 32 of a 128-bit number, as in ULID (github.com/ulid/spec).
TEST(Ids, AreWrittenInCrockfordsBase32) {
  EXPECT_EQ(format_id(InvoiceId{}), "inv_00000000000000000000000000");
  InvoiceId highest;
  highest.bytes.fill(0xff);
  EXPECT_EQ(format_id(highest), "inv_7zzzzzzzzzzzzzzzzzzzzzzzzz");
  EndpointId one;
  one.bytes[15] = 1;
  EXPECT_EQ(format_id(one), "we_00000000000000000000000001");
  EventId first_bit;
  first_bit.bytes[0] = 0x80;
  EXPECT_EQ(format_id(first_bit), "evt_40000000000000000000000000");
  EXPECT_EQ(format_id(ApiKeyId{}).substr(0, 4), "key_");
}

TEST(Ids, AreReadBack) {
  base::Rng rng(1);
  for (int i = 0; i < 200; ++i) {
    InvoiceId id;
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    EXPECT_EQ(parse_invoice_id(format_id(id)), id);
    EXPECT_EQ(parse_event_id(format_id(EventId{id.bytes})), EventId{id.bytes});
  }
}

TEST(Ids, HaveOneFormOnly) {
  for (const auto* text :
       {"", "inv_", "inv_0000000000000000000000000", "inv_000000000000000000000000000",
        "inv_80000000000000000000000000", "INV_00000000000000000000000000",
        "inv_0000000000000000000000000A", "inv_0000000000000000000000000i",
        "inv_0000000000000000000000000l", "inv_0000000000000000000000000o",
        "inv_0000000000000000000000000u", "evt_00000000000000000000000000",
        "00000000000000000000000000", "inv_0000000000000000000000000 "}) {
    EXPECT_FALSE(parse_invoice_id(text).has_value()) << text;
  }
  EXPECT_FALSE(parse_endpoint_id("inv_00000000000000000000000000").has_value());
  EXPECT_TRUE(parse_api_key_id("key_00000000000000000000000000").has_value());
}

}  // namespace
}  // namespace peerpay::api
