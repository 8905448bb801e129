#include "base/bytes.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace peerpay::base {
namespace {

using Apple = FixedBytes<struct AppleTag, 3>;
using Pear = FixedBytes<struct PearTag, 3>;

static_assert(!std::is_convertible_v<Apple, Pear> && !std::is_constructible_v<Apple, Pear>);
static_assert(!std::is_assignable_v<Apple&, Pear>);
static_assert(sizeof(Apple) == 3, "an identifier is its bytes and nothing else");

TEST(FixedBytes, OrdersByteByByteAsUnsigned) {
  EXPECT_LT((Apple{{1, 2, 3}}), (Apple{{1, 2, 4}}));
  EXPECT_LT((Apple{{0x7f, 0xff, 0xff}}), (Apple{{0x80, 0, 0}}));
  EXPECT_EQ((Apple{{1, 2, 3}}), (Apple{{1, 2, 3}}));
}

// Those of whole words are compared by words.
TEST(FixedBytes, TheFirstByteThatDiffersDecides) {
  using Wide = FixedBytes<struct WideTag, 32>;
  for (std::size_t i = 0; i < Wide::kSize; ++i) {
    Wide low;
    Wide high;
    low.bytes[i] = 0x7f;
    high.bytes[i] = 0x80;
    for (std::size_t later = i + 1; later < Wide::kSize; ++later) low.bytes[later] = 0xff;
    EXPECT_LT(low, high) << i;
    EXPECT_GT(high, low) << i;
    EXPECT_NE(low, high) << i;
    low = high;
    EXPECT_EQ(low, high) << i;
    EXPECT_EQ(low <=> high, std::strong_ordering::equal) << i;
  }
  static_assert(Wide{{1}} < Wide{{2}} && Wide{{1, 2}} != Wide{{1, 3}});
}

TEST(FixedBytes, IsMadeFromExactlyItsSize) {
  EXPECT_EQ(Apple::from(Bytes{7, 8, 9}), (Apple{{7, 8, 9}}));
  EXPECT_FALSE(Apple::from(Bytes{7, 8}));
  EXPECT_FALSE(Apple::from(Bytes{7, 8, 9, 10}));
  EXPECT_FALSE(Apple::from({}));
}

TEST(FixedBytes, KnowsWhetherItIsZero) {
  EXPECT_TRUE(Apple{}.is_zero());
  EXPECT_FALSE((Apple{{0, 0, 1}}.is_zero()));
  EXPECT_FALSE((Apple{{1, 0, 0}}.is_zero()));
}

TEST(Hex, RoundTripsEveryByteInLowerCase) {
  Bytes all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  const std::string hex = to_hex(all);
  EXPECT_EQ(hex.substr(0, 8), "00010203");
  EXPECT_EQ(hex.substr(504), "fcfdfeff");
  EXPECT_EQ(from_hex(hex), all);
  EXPECT_EQ(to_hex({}), "");
  EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(Hex, ReadsUpperCase) { EXPECT_EQ(from_hex("AbCdEF"), (Bytes{0xab, 0xcd, 0xef})); }

TEST(Hex, RefusesAnythingElse) {
  for (const char* const text :
       {"0", "000", "0g", "g0", "/0", ":0", "@0", "G0", "`0", " 0", "0 ", "0x", "é"}) {
    EXPECT_FALSE(from_hex(text)) << text;
  }
}

TEST(Hex, DoesNotReadBeyondAnOddLength) {
  EXPECT_FALSE(from_hex(std::string_view{"0000"}.substr(0, 3)));
}

TEST(Hex, FillsAFixedSizeExactly) {
  EXPECT_EQ(fixed_from_hex<Apple>("070809"), (Apple{{7, 8, 9}}));
  EXPECT_FALSE(fixed_from_hex<Apple>("0708"));
  EXPECT_FALSE(fixed_from_hex<Apple>("07080g"));
}

TEST(Text, IsItsBytes) {
  EXPECT_EQ(to_hex(as_bytes("pay\xff")), "706179ff");
  EXPECT_EQ(to_text(as_bytes("pay\xff")), "pay\xff");
}

}  // namespace
}  // namespace peerpay::base
