#include "base/civil_time.h"

#include <gtest/gtest.h>

namespace peerpay::base {
namespace {

// `date -u -d "@N"` of GNU coreutils says the same.
TEST(CivilTime, MatchesKnownTimes) {
  constexpr std::pair<std::uint64_t, CivilTime> kRows[] = {
      {0, {1970, 1, 1, 0, 0, 0, 0}},
      {951'782'400'000, {2000, 2, 29, 0, 0, 0, 0}},
      {951'868'799'999, {2000, 2, 29, 23, 59, 59, 999}},
      {1'614'265'330'001, {2021, 2, 25, 15, 2, 10, 1}},
      {4'107'542'399'000, {2100, 2, 28, 23, 59, 59, 0}},
      {4'107'542'400'000, {2100, 3, 1, 0, 0, 0, 0}},
      {kCivilTimeMax.value, {9999, 12, 31, 23, 59, 59, 999}}};
  for (const auto& [ms, time] : kRows) {
    EXPECT_EQ(civil_time(UnixMillis{ms}), time) << ms;
    EXPECT_EQ(unix_millis(time), UnixMillis{ms}) << ms;
  }
  EXPECT_EQ(civil_time(UnixMillis{UINT64_MAX}), civil_time(kCivilTimeMax));
}

TEST(CivilTime, EveryDayFollowsTheOneBefore) {
  CivilTime before = civil_time({});
  for (std::uint64_t day = 1; day < 366 * 400; ++day) {
    const CivilTime time = civil_time(UnixMillis{day * 86'400'000});
    ASSERT_EQ(unix_millis(time), UnixMillis{day * 86'400'000});
    const bool next_day = time.day == before.day + 1 && time.month == before.month;
    const bool next_month =
        time.day == 1 && before.day >= 28 &&
        (time.month == before.month + 1 || (time.month == 1 && before.month == 12));
    ASSERT_TRUE(next_day || next_month) << day;
    before = time;
  }
}

TEST(CivilTime, RefusesWhatNoCalendarHas) {
  for (const CivilTime time : {CivilTime{.year = 1969, .month = 12, .day = 31},
                               {.year = 10'000},
                               {.month = 0},
                               {.month = 13},
                               {.day = 0},
                               {.day = 32},
                               {.year = 2021, .month = 2, .day = 29},
                               {.year = 2100, .month = 2, .day = 29},
                               {.month = 4, .day = 31},
                               {.hour = 24},
                               {.minute = 60},
                               {.second = 60},
                               {.millisecond = 1000}}) {
    EXPECT_FALSE(unix_millis(time).has_value())
        << time.year << '-' << time.month << '-' << time.day;
  }
}

}  // namespace
}  // namespace peerpay::base
