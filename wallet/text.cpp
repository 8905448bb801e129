#include "wallet/text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace peerpay::wallet {
namespace {

constexpr std::uint64_t kMsPerSecond = 1000;
constexpr std::uint64_t kSecondsPerDay = 86'400;
constexpr std::uint64_t kLastSecond = 253'402'300'799;  // 9999-12-31 23:59:59
constexpr std::int64_t kValiditySecondsMax = 7 * 86'400;

struct Date {
  std::uint64_t year;
  std::uint64_t month;
  std::uint64_t day;
};

// Days since 1970-01-01 to a date, with years that start in March so that the leap day comes last
// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
Date date_of(std::uint64_t days) {
  constexpr std::uint64_t kDaysToEpoch = 719'468;  // from 0000-03-01
  constexpr std::uint64_t kDaysPerEra = 146'097;   // 400 years
  days += kDaysToEpoch;
  const auto era = days / kDaysPerEra;
  const auto day_of_era = days % kDaysPerEra;
  const auto year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const auto day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto march_month = (5 * day_of_year + 2) / 153;
  const auto month = march_month < 10 ? march_month + 3 : march_month - 9;
  return {.year = year_of_era + era * 400 + (month <= 2 ? 1U : 0U),
          .month = month,
          .day = day_of_year - (153 * march_month + 2) / 5 + 1};
}

std::string padded(std::uint64_t value, std::size_t width) {
  auto digits = std::to_string(value);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

}  // namespace

std::string format_utc(base::UnixMillis time) {
  const auto seconds = std::min(time.value / kMsPerSecond, kLastSecond);
  const auto date = date_of(seconds / kSecondsPerDay);
  const auto of_day = seconds % kSecondsPerDay;
  return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2) + " " +
         padded(of_day / 3600, 2) + ":" + padded(of_day / 60 % 60, 2) + ":" +
         padded(of_day % 60, 2) + " UTC";
}

std::string format_duration(base::Duration duration) {
  const auto ms = std::max<std::int64_t>(duration.milliseconds(), 0);
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (ms < 60'000) return std::to_string(ms / 1000) + "." + std::to_string(ms / 100 % 10) + " s";
  const auto seconds = ms / 1000;
  if (seconds % 60 == 0) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
}

std::optional<base::Duration> parse_duration(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto digits = text.substr(0, text.size() - 1);
  std::uint32_t count = 0;
  const auto* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, count);
  if (parsed.ec != std::errc{} || parsed.ptr != end || count == 0) return std::nullopt;
  constexpr std::string_view kUnits = "smhd";
  constexpr std::int64_t kUnitSeconds[] = {1, 60, 3600, 86'400};
  const auto unit = kUnits.find(text.back());
  if (unit == std::string_view::npos) return std::nullopt;
  const auto seconds = std::int64_t{count} * kUnitSeconds[unit];
  if (seconds > kValiditySecondsMax) return std::nullopt;
  return base::seconds(seconds);
}

}  // namespace peerpay::wallet
