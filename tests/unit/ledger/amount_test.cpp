#include "ledger/amount.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace peerpay::ledger {
namespace {

TEST(Amount, ArithmeticNeverWraps) {
  const Amount most{UINT64_MAX};
  EXPECT_EQ(most.checked_add(Amount{0}), most);
  EXPECT_EQ(most.checked_add(Amount{1}), std::nullopt);
  EXPECT_EQ(Amount{0}.checked_sub(Amount{1}), std::nullopt);
  EXPECT_EQ(most.checked_sub(most), Amount{0});
  EXPECT_EQ(most.checked_times(1), most);
  EXPECT_EQ(most.checked_times(0), Amount{0});
  EXPECT_EQ(Amount{UINT64_MAX / 2 + 1}.checked_times(2), std::nullopt);
}

struct TextRow {
  std::uint64_t units;
  std::uint8_t scale;
  const char* text;
};

TEST(Amount, PrintsAndReadsTheSameText) {
  const TextRow rows[] = {
      {1250, 2, "12.50"},
      {0, 2, "0.00"},
      {5, 2, "0.05"},
      {7, 0, "7"},
      {1, 6, "0.000001"},
      {UINT64_MAX, 0, "18446744073709551615"},
      {UINT64_MAX, 2, "184467440737095516.15"},
      {UINT64_MAX, 18, "18.446744073709551615"},
  };
  for (const auto& [units, scale, text] : rows) {
    EXPECT_EQ(format_amount(Amount{units}, scale), text);
    EXPECT_EQ(parse_amount(text, scale), Amount{units}) << text;
  }
}

TEST(Amount, ReadsFewerFractionDigitsThanTheScale) {
  EXPECT_EQ(parse_amount("12", 2), Amount{1200});
  EXPECT_EQ(parse_amount("12.5", 2), Amount{1250});
  EXPECT_EQ(parse_amount("007.5", 2), Amount{750});
}

TEST(Amount, RefusesWhatIsNoPlainDecimal) {
  const char* const texts[] = {"",     ".",      "1.",    ".5",  "-1",    "+1",  " 1",
                               "1 ",   "1e3",    "1,000", "1_0", "1.2.3", "0x1", "1.005",
                               "1.-5", "\u0661", "1..2",  "NaN", "12\n"};
  for (const auto* text : texts) EXPECT_EQ(parse_amount(text, 2), std::nullopt) << text;
  EXPECT_EQ(parse_amount("1.5", 0), std::nullopt);
}

TEST(Amount, RefusesWhatDoesNotFit64Bits) {
  EXPECT_EQ(parse_amount("18446744073709551616", 0), std::nullopt);
  EXPECT_EQ(parse_amount("184467440737095516.16", 2), std::nullopt);
  EXPECT_EQ(parse_amount("18446744073709551615", 1), std::nullopt);
  EXPECT_EQ(parse_amount("1", 20), std::nullopt);
}

TEST(Amount, RoundTripsAtEveryScale) {
  base::Rng rng{1};
  for (int i = 0; i < 2000; ++i) {
    const Amount amount{rng.next() >> rng.below(64)};
    const auto scale = static_cast<std::uint8_t>(rng.below(19));
    EXPECT_EQ(parse_amount(format_amount(amount, scale), scale), amount);
  }
}

}  // namespace
}  // namespace peerpay::ledger
