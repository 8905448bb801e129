#include "wallet/base64.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace peerpay::wallet {
namespace {

// RFC 4648 section 10, without the padding.
TEST(Base64, MatchesThePublishedVectors) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : kRows) {
    EXPECT_EQ(base64_encode(base::as_bytes(plain)), coded);
    const auto decoded = base64_decode(coded, Base64Padding::kNone);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(base::to_text(*decoded), plain);
  }
}

TEST(Base64, RoundTripsEveryLength) {
  base::Rng rng(1);
  for (std::size_t size = 0; size < 100; ++size) {
    base::Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    auto text = base64_encode(bytes);
    EXPECT_EQ(base64_decode(text, Base64Padding::kNone), bytes);
    text.append((4 - text.size() % 4) % 4, '=');
    EXPECT_EQ(base64_decode(text, Base64Padding::kRequired), bytes);
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
}  // namespace peerpay::wallet
