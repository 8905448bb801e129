#include "node/net/penalties.h"

#include <gtest/gtest.h>

#include <string>

namespace peerpay::net {
namespace {

constexpr base::TimePoint kBegin{1'000'000};
constexpr base::Duration kInstant = base::microseconds(1);

TEST(Penalties, EndInTimeAndMeanOneSource) {
  Penalties penalties;
  EXPECT_FALSE(penalties.refuses("a", kBegin));
  penalties.add("a", kBegin);
  EXPECT_TRUE(penalties.refuses("a", kBegin));
  EXPECT_FALSE(penalties.refuses("b", kBegin));
  const auto end = kBegin + Penalties::kFirst;
  EXPECT_TRUE(penalties.refuses("a", end - kInstant));
  EXPECT_FALSE(penalties.refuses("a", end));
}

TEST(Penalties, AreNotProlonged) {
  Penalties penalties;
  penalties.add("a", kBegin);
  penalties.add("a", kBegin + base::seconds(1));
  EXPECT_FALSE(penalties.refuses("a", kBegin + Penalties::kFirst));
}

TEST(Penalties, DoubleWhenTheyAreRepeated) {
  Penalties penalties;
  auto now = kBegin;
  for (const auto length : {Penalties::kFirst, Penalties::kFirst * 2, Penalties::kFirst * 4,
                            Penalties::kLongest, Penalties::kLongest}) {
    penalties.add("a", now);
    now = now + length;
    EXPECT_TRUE(penalties.refuses("a", now - kInstant));
    EXPECT_FALSE(penalties.refuses("a", now));
    penalties.forget(now);
  }
  now = now + Penalties::kMemory;
  penalties.add("a", now);
  EXPECT_FALSE(penalties.refuses("a", now + Penalties::kFirst)) << "it was good for long enough";
}

TEST(Penalties, AreForgottenAndBounded) {
  Penalties penalties;
  for (std::size_t i = 0; i < Penalties::kSourcesMax; ++i) {
    penalties.add("source " + std::to_string(i), kBegin);
  }
  penalties.add("one more", kBegin);
  EXPECT_FALSE(penalties.refuses("one more", kBegin));
  const auto forgotten = kBegin + Penalties::kFirst + Penalties::kMemory;
  penalties.forget(forgotten);
  penalties.add("one more", forgotten);
  EXPECT_TRUE(penalties.refuses("one more", forgotten));
}

}  // namespace
}  // namespace peerpay::net
