#pragma once
// Dates and times of day in UTC, proleptic Gregorian, years 1970 to 9999. No clock and no zone.

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace peerpay::base {

struct CivilTime {
  std::uint32_t year = 1970;
  std::uint32_t month = 1;  // 1 to 12
  std::uint32_t day = 1;    // 1 to 31
  std::uint32_t hour = 0;
  std::uint32_t minute = 0;
  std::uint32_t second = 0;
  std::uint32_t millisecond = 0;
  friend bool operator==(const CivilTime&, const CivilTime&) = default;
};

inline constexpr UnixMillis kCivilTimeMax{253'402'300'799'999};  // the last of the year 9999

// Times after kCivilTimeMax read as kCivilTimeMax.
[[nodiscard]] CivilTime civil_time(UnixMillis time);
// Empty when there is no such day or time of day, or it is before 1970. Leap seconds have no place
// in unix time.
[[nodiscard]] std::optional<UnixMillis> unix_millis(const CivilTime& time);

}  // namespace peerpay::base
