#include "wallet/text.h"

#include <gtest/gtest.h>

namespace peerpay::wallet {
namespace {

// Expected dates: GNU date -u -d @SECONDS.
TEST(FormatUtc, KnowsTheCalendar) {
  EXPECT_EQ(format_utc({0}), "1970-01-01 00:00:00 UTC");
  EXPECT_EQ(format_utc({951'782'400'000}), "2000-02-29 00:00:00 UTC");
  EXPECT_EQ(format_utc({951'868'799'999}), "2000-02-29 23:59:59 UTC");
  EXPECT_EQ(format_utc({951'868'800'000}), "2000-03-01 00:00:00 UTC");
  EXPECT_EQ(format_utc({1'709'251'199'000}), "2024-02-29 23:59:59 UTC");
  EXPECT_EQ(format_utc({4'107'542'399'000}), "2100-02-28 23:59:59 UTC");
  EXPECT_EQ(format_utc({4'107'542'400'000}), "2100-03-01 00:00:00 UTC");
  EXPECT_EQ(format_utc({253'402'300'799'000}), "9999-12-31 23:59:59 UTC");
  EXPECT_EQ(format_utc({UINT64_MAX}), "9999-12-31 23:59:59 UTC");
}

TEST(FormatDuration, UsesTheUnitThatFits) {
  EXPECT_EQ(format_duration(base::milliseconds(0)), "0 ms");
  EXPECT_EQ(format_duration(base::milliseconds(43)), "43 ms");
  EXPECT_EQ(format_duration(base::milliseconds(1'250)), "1.2 s");
  EXPECT_EQ(format_duration(base::seconds(120)), "2 min");
  EXPECT_EQ(format_duration(base::seconds(125)), "2 min 5 s");
  EXPECT_EQ(format_duration(base::milliseconds(-5)), "0 ms");
}

TEST(ParseDuration, TakesOneNumberAndOneUnit) {
  EXPECT_EQ(parse_duration("90s"), base::seconds(90));
  EXPECT_EQ(parse_duration("5m"), base::seconds(300));
  EXPECT_EQ(parse_duration("2h"), base::seconds(7200));
  EXPECT_EQ(parse_duration("7d"), base::seconds(7 * 86'400));
  for (const auto* text : {"", "s", "5", "0s", "8d", "-5m", "+5m", "5 m", "5ms", "1.5h", "5w",
                           "99999999999s", "4294967295d"}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace peerpay::wallet
