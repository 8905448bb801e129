#pragma once
// Times as the API writes and reads them: RFC 3339.

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace peerpay::api {

// "2026-11-22T10:00:00.000Z", always UTC with milliseconds; after the year 9999 its last moment.
[[nodiscard]] std::string format_time(base::UnixMillis time);

// Any offset, "T" and "Z" in either case, up to nine digits of a second, of which three count.
// Empty for anything else, for leap seconds, and before 1970.
[[nodiscard]] std::optional<base::UnixMillis> parse_time(std::string_view text);

}  // namespace peerpay::api
