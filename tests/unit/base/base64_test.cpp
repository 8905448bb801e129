#include "base/base64.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace peerpay::base {
namespace {

// RFC 4648 section 10, without the padding.
TEST(Base64, MatchesThePublishedVectors) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : kRows) {
    EXPECT_EQ(base64_encode(as_bytes(plain), Base64Padding::kNone), coded);
    const std::string full = std::string{coded} + std::string((4 - coded.size() % 4) % 4, '=');
    EXPECT_EQ(base64_encode(as_bytes(plain), Base64Padding::kRequired), full);
    const auto decoded = base64_decode(coded, Base64Padding::kNone);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(to_text(*decoded), plain);
  }
}

TEST(Base64, RoundTripsEveryLength) {
  Rng rng(1);
  for (std::size_t size = 0; size < 100; ++size) {
    Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    for (const auto padding : {Base64Padding::kNone, Base64Padding::kRequired}) {
      EXPECT_EQ(base64_decode(base64_encode(bytes, padding), padding), bytes);
    }
  }
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const auto* text : {"Zh", "Zm9", "Z", "Zg==", "Zm9v\n", "Zm 9v", "Zm-v", "=", "Zm9vY"}) {
    EXPECT_FALSE(base64_decode(text, Base64Padding::kNone).has_value()) << text;
  }
  for (const auto* text : {"Zg", "Zg=", "Zg===", "Zh==", "====", "Z==="}) {
    EXPECT_FALSE(base64_decode(text, Base64Padding::kRequired).has_value()) << text;
  }
}

}  // namespace
}  // namespace peerpay::base
