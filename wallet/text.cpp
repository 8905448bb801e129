#include "wallet/text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/civil_time.h"

namespace peerpay::wallet {
namespace {

constexpr std::int64_t kValiditySecondsMax = 7 * 86'400;

std::string padded(std::uint64_t value, std::size_t width) {
  auto digits = std::to_string(value);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

}  // namespace

std::string format_utc(base::UnixMillis time) {
  const auto at = base::civil_time(time);
  return padded(at.year, 4) + "-" + padded(at.month, 2) + "-" + padded(at.day, 2) + " " +
         padded(at.hour, 2) + ":" + padded(at.minute, 2) + ":" + padded(at.second, 2) + " UTC";
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
