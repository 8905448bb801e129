#include "api/resources/qr_cache.h"

#include <gtest/gtest.h>

namespace peerpay::api {
namespace {

TEST(QrCache, MakesACodeOnce) {
  QrCache cache{{}};
  const auto first = cache.svg_of("peerpay:a");
  EXPECT_NE(first->find("<svg"), std::string::npos);
  EXPECT_EQ(cache.svg_of("peerpay:a"), first);
  EXPECT_NE(*cache.svg_of("peerpay:b"), *first);
  EXPECT_EQ(cache.entries(), 2U);
}

TEST(QrCache, ForgetsWhatWasNotAskedForTheLongest) {
  QrCache cache{{.entries_max = 2}};
  const auto a = cache.svg_of("peerpay:a");
  const auto b = cache.svg_of("peerpay:b");
  EXPECT_EQ(cache.svg_of("peerpay:a"), a);
  (void)cache.svg_of("peerpay:c");
  EXPECT_EQ(cache.svg_of("peerpay:a"), a);
  EXPECT_NE(cache.svg_of("peerpay:b"), b) << "forgotten, and made again";
  EXPECT_EQ(cache.entries(), 2U);
}

TEST(QrCache, IsBoundedInBytes) {
  QrCache measured{{}};
  const auto one = measured.svg_of("peerpay:0")->size() + 9;
  EXPECT_EQ(measured.bytes(), one);
  const auto limit = 3 * one + one / 2;
  QrCache cache{{.bytes_max = limit}};
  for (int i = 0; i < 10; ++i) {
    (void)cache.svg_of("peerpay:" + std::to_string(i));
    EXPECT_LE(cache.bytes(), limit);
  }
  EXPECT_GE(cache.entries(), 2U);
  QrCache none{{.bytes_max = 0}};
  EXPECT_FALSE(none.svg_of("peerpay:a")->empty());
  EXPECT_EQ(none.entries(), 0U);
  EXPECT_EQ(none.bytes(), 0U);
}

TEST(QrCache, AUriThatFitsNoCodeHasNone) {
  QrCache cache{{}};
  EXPECT_TRUE(cache.svg_of(std::string(4'000, 'u'))->empty());
}

}  // namespace
}  // namespace peerpay::api
