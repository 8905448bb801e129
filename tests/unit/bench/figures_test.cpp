#include <gtest/gtest.h>

#include <limits>

#include "bench/load.h"
#include "bench/report.h"
#include "bench/verify_cost.h"

namespace peerpay::bench {
namespace {

Latencies one_to(int count) {
  Latencies out;
  for (int i = count; i >= 1; --i) out.add(base::milliseconds(i));
  return out;
}

TEST(Latencies, GivesTheNearestRank) {
  EXPECT_EQ(one_to(100).percentile(50), base::milliseconds(50));
  EXPECT_EQ(one_to(100).percentile(99), base::milliseconds(99));
  EXPECT_EQ(one_to(100).percentile(100), base::milliseconds(100));
  EXPECT_EQ(one_to(3).percentile(50), base::milliseconds(2));
  EXPECT_EQ(one_to(1).percentile(1), base::milliseconds(1));
}

TEST(Latencies, IsZeroOfNothing) { EXPECT_EQ(Latencies{}.percentile(50), base::Duration{}); }

TEST(Window, CountsWhatBecameFinalWithinItAndTimesWhatWasDueWithinIt) {
  const auto at = [](std::int64_t ms) { return base::TimePoint{ms * 1000}; };
  const std::vector<Completion> completions = {
      {at(0), at(10)},   // due before, final at the begin
      {at(12), at(19)},  // all within
      {at(15), at(20)},  // final at the end: not within any more
      {at(20), at(25)},  // due at the end
  };
  const Window window{at(10), at(20)};
  EXPECT_EQ(finals_in(completions, window), 2u);
  const auto latencies = latencies_in(completions, window);
  EXPECT_EQ(latencies.count(), 2u);
  EXPECT_EQ(latencies.percentile(100), base::milliseconds(7));
}

TEST(Report, IsOneJsonObjectInOrder) {
  Report report;
  report.add("zebra", std::uint64_t{18446744073709551615u});
  report.add("ape", 0.5);
  report.add("rss", Report::Figures{{"a\"b", std::uint64_t{1}}, {"c", 2.25}, {"d", "x\n"}});
  EXPECT_EQ(report.to_json(),
            "{\"zebra\":18446744073709551615,\"ape\":0.5,"
            "\"rss\":{\"a\\\"b\":1,\"c\":2.25,\"d\":\"x\\u000a\"}}\n");
}

TEST(Report, HasNoNumberForWhatIsNotOne) {
  Report report;
  report.add("ratio", std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(report.to_json(), "{\"ratio\":null}\n");
}

TEST(VerificationBound, IsCoresOverTheWorkOfAllValidators) {
  EXPECT_DOUBLE_EQ(verification_bound(2, 4, 50.0), 10'000.0);
  EXPECT_DOUBLE_EQ(verification_bound(2, 1, 50.0), 40'000.0);
}

}  // namespace
}  // namespace peerpay::bench
