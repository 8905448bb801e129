#pragma once
// Times and durations as people read and write them.

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace peerpay::wallet {

// "2026-03-01 12:00:05 UTC", milliseconds dropped. Proleptic Gregorian, years up to 9999; later
// times read as "9999-12-31 23:59:59 UTC".
[[nodiscard]] std::string format_utc(base::UnixMillis time);

// "43 ms", "1.2 s", "2 min 5 s".
[[nodiscard]] std::string format_duration(base::Duration duration);

// "90s", "5m", "2h", "7d": a whole number of 1 or more and one unit, at most 7 days.
[[nodiscard]] std::optional<base::Duration> parse_duration(std::string_view text);

}  // namespace peerpay::wallet
