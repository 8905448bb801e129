// Everything that BcsReader refuses: one named error per defect, found before any allocation, and
// kept.

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "base/bcs.h"

namespace peerpay::base {
namespace {

using Read = std::function<void(BcsReader&)>;

// The error of reading `hex` to its end, or "" when there is none.
std::string error_of(std::string_view hex, const Read& read) {
  const Bytes bytes = from_hex(hex).value();
  BcsReader in{bytes};
  read(in);
  const auto finished = in.finish();
  return finished ? "" : std::string{name(finished.error())};
}

void read_variant_of_three(BcsReader& in) { in.variant(3); }
void read_bytes_up_to_two(BcsReader& in) { in.bytes(2); }
void read_any_length(BcsReader& in) { in.length(UINT32_MAX, 0); }

TEST(BcsReader, RefusesTruncatedFields) {
  EXPECT_EQ(error_of("", [](auto& in) { in.u8(); }), "truncated");
  EXPECT_EQ(error_of("01", [](auto& in) { in.u16(); }), "truncated");
  EXPECT_EQ(error_of("010203", [](auto& in) { in.u32(); }), "truncated");
  EXPECT_EQ(error_of("01020304050607", [](auto& in) { in.u64(); }), "truncated");
  EXPECT_EQ(error_of("", [](auto& in) { in.boolean(); }), "truncated");
  EXPECT_EQ(error_of("0102", [](auto& in) { in.raw(3); }), "truncated");
  using Four = FixedBytes<struct FourTag, 4>;
  EXPECT_EQ(error_of("010203", [](auto& in) { in.template fixed<Four>(); }), "truncated");
  EXPECT_EQ(error_of("0261", read_bytes_up_to_two), "truncated");
  EXPECT_EQ(error_of("80", read_any_length), "truncated");
  EXPECT_EQ(error_of("ffffffff", read_any_length), "truncated");
}

TEST(BcsReader, RefusesBytesLeftOver) {
  EXPECT_EQ(error_of("00", [](auto&) {}), "trailing_bytes");
  EXPECT_EQ(error_of("0102", [](auto& in) { in.u8(); }), "trailing_bytes");
}

TEST(BcsReader, RefusesLengthsAboveTheLimit) {
  EXPECT_EQ(error_of("026162", read_bytes_up_to_two), "");
  EXPECT_EQ(error_of("03616263", read_bytes_up_to_two), "too_long");
  EXPECT_EQ(error_of("ffffffff0f", read_bytes_up_to_two), "too_long");
}

TEST(BcsReader, RefusesMoreElementsThanTheBytesLeftCouldHold) {
  const auto pairs = [](auto& in) {
    const auto count = in.length(1000, 2);
    for (std::size_t i = 0; i < count; ++i) in.u16();
  };
  EXPECT_EQ(error_of("0201000200", pairs), "");
  EXPECT_EQ(error_of("02010002", pairs), "truncated");
}

TEST(BcsReader, NeverPromisesElementsThatTheBytesLeftCouldNotHold) {
  const Bytes thousand_elements_announced = {0xe8, 0x07, 0x01, 0x00};
  BcsReader in{thousand_elements_announced};
  EXPECT_EQ(in.length(1000, 2), 0U);
  EXPECT_EQ(in.status().error(), DecodeError::kTruncated);
}

TEST(BcsReader, RefusesUleb128ThatIsNotMinimal) {
  EXPECT_EQ(error_of("8000", read_any_length), "not_canonical");
  EXPECT_EQ(error_of("808000", read_any_length), "not_canonical");
  EXPECT_EQ(error_of("ff8000", read_any_length), "not_canonical");
  EXPECT_EQ(error_of("8000", read_variant_of_three), "not_canonical");
}

// The two values above 32 bits that the BCS specification names, and the neighbours of the limit.
TEST(BcsReader, RefusesUleb128Above32Bits) {
  EXPECT_EQ(error_of("808080808001", read_any_length), "not_canonical");
  EXPECT_EQ(error_of("8080808010", read_any_length), "not_canonical");
  EXPECT_EQ(error_of("ffffffff1f", read_any_length), "not_canonical");
  EXPECT_EQ(error_of("ffffffffff", read_any_length), "not_canonical");
  EXPECT_EQ(error_of("ffffffff0f", read_any_length), "");
}

TEST(BcsReader, RefusesBooleansOtherThanZeroAndOne) {
  for (const char* const hex : {"02", "80", "ff"}) {
    EXPECT_EQ(error_of(hex, [](auto& in) { in.boolean(); }), "not_canonical") << hex;
  }
}

TEST(BcsReader, RefusesUnknownVariants) {
  EXPECT_EQ(error_of("02", read_variant_of_three), "");
  EXPECT_EQ(error_of("03", read_variant_of_three), "variant_unknown");
  EXPECT_EQ(error_of("7f", read_variant_of_three), "variant_unknown");
  EXPECT_EQ(error_of("ffffffff0f", read_variant_of_three), "variant_unknown");
}

TEST(BcsReader, KeepsTheFirstErrorAndReadsNothingMore) {
  const Bytes bytes = {0x02, 0x01, 0x01, 0x61};
  BcsReader in{bytes};
  EXPECT_FALSE(in.boolean());
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);
  EXPECT_FALSE(in.boolean());
  EXPECT_EQ(in.variant(1), 0U);
  EXPECT_TRUE(in.bytes(9).empty());
  EXPECT_EQ(in.remaining(), 3U);
  in.fail(DecodeError::kValueInvalid);
  EXPECT_EQ(in.status().error(), DecodeError::kNotCanonical);
  EXPECT_EQ(in.finish().error(), DecodeError::kNotCanonical);
}

TEST(BcsReader, ReportsAnErrorThatADecoderFound) {
  EXPECT_EQ(error_of("07",
                     [](auto& in) {
                       if (in.u8() > 6) in.fail(DecodeError::kValueInvalid);
                     }),
            "value_invalid");
}

TEST(BcsReader, StatusAllowsBytesToFollow) {
  const Bytes bytes = {0x01, 0x02};
  BcsReader in{bytes};
  in.u8();
  EXPECT_TRUE(in.status());
  EXPECT_EQ(in.remaining(), 1U);
}

TEST(DecodeError, HasADistinctNameAndAWholeSentence) {
  std::set<std::string_view> names;
  std::set<std::string_view> sentences;
  for (int value = 1; value <= static_cast<int>(DecodeError::kValueInvalid); ++value) {
    const auto error = static_cast<DecodeError>(value);
    EXPECT_TRUE(names.insert(name(error)).second) << value;
    EXPECT_TRUE(sentences.insert(sentence(error)).second) << value;
    EXPECT_TRUE(sentence(error).ends_with('.')) << value;
  }
}

}  // namespace
}  // namespace peerpay::base
