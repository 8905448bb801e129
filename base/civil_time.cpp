#include "base/civil_time.h"

#include <algorithm>

namespace peerpay::base {
namespace {

constexpr std::uint64_t kMsPerDay = 86'400'000;
constexpr std::uint64_t kDaysToEpoch = 719'468;  // from 0000-03-01 to 1970-01-01
constexpr std::uint64_t kDaysPerEra = 146'097;   // 400 years

// Both directions count years that start in March, so that the leap day comes last
// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days and
// days_from_civil).
void set_date(CivilTime& out, std::uint64_t days) {
  days += kDaysToEpoch;
  const auto era = days / kDaysPerEra;
  const auto day_of_era = days % kDaysPerEra;
  const auto year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const auto day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto march_month = (5 * day_of_year + 2) / 153;
  const auto month = march_month < 10 ? march_month + 3 : march_month - 9;
  out.year = static_cast<std::uint32_t>(year_of_era + era * 400 + (month <= 2 ? 1U : 0U));
  out.month = static_cast<std::uint32_t>(month);
  out.day = static_cast<std::uint32_t>(day_of_year - (153 * march_month + 2) / 5 + 1);
}

std::uint64_t days_of(const CivilTime& time) {
  const std::uint64_t year = time.year - (time.month <= 2 ? 1U : 0U);
  const std::uint64_t march_month = time.month > 2 ? time.month - 3U : time.month + 9U;
  const auto year_of_era = year % 400;
  const auto day_of_year = (153 * march_month + 2) / 5 + time.day - 1;
  const auto day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return year / 400 * kDaysPerEra + day_of_era - kDaysToEpoch;
}

std::uint32_t days_in_month(std::uint32_t year, std::uint32_t month) {
  if (month == 4 || month == 6 || month == 9 || month == 11) return 30;
  if (month != 2) return 31;
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
}

bool exists(const CivilTime& time) {
  if (time.year < 1970 || time.year > 9999) return false;
  if (time.month < 1 || time.month > 12) return false;
  if (time.day < 1 || time.day > days_in_month(time.year, time.month)) return false;
  return time.hour < 24 && time.minute < 60 && time.second < 60 && time.millisecond < 1000;
}

}  // namespace

CivilTime civil_time(UnixMillis time) {
  const auto ms = std::min(time, kCivilTimeMax).value;
  CivilTime out;
  set_date(out, ms / kMsPerDay);
  const auto of_day = static_cast<std::uint32_t>(ms % kMsPerDay);
  out.hour = of_day / 3'600'000;
  out.minute = of_day / 60'000 % 60;
  out.second = of_day / 1000 % 60;
  out.millisecond = of_day % 1000;
  return out;
}

std::optional<UnixMillis> unix_millis(const CivilTime& time) {
  if (!exists(time)) return std::nullopt;
  const std::uint64_t seconds =
      ((days_of(time) * 24 + time.hour) * 60 + time.minute) * 60 + time.second;
  return UnixMillis{seconds * 1000 + time.millisecond};
}

}  // namespace peerpay::base
