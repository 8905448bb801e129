#include "api/web/html.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/utf8.h"

namespace peerpay::api {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::uint64_t kLastMillisOf9999 = 253'402'300'799'999;

// Length in bytes of the character that begins with `lead`. REQUIRES: well-formed UTF-8.
std::size_t length_of(unsigned char lead) {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

// Invisible, or able to change the order of what is visible. `c`: one character of UTF-8.
bool is_deceptive(std::string_view c) {
  const auto is_within = [c](std::string_view first, std::string_view last) {
    return c.size() == first.size() && c >= first && c <= last;
  };
  return is_within(std::string_view{"\0", 1}, "\x08") || is_within("\x0b", "\x1f") || c == "\x7f" ||
         is_within("\xc2\x80", "\xc2\x9f") ||          // C1 controls
         c == "\xd8\x9c" ||                            // Arabic letter mark
         c == "\xe2\x80\x8b" ||                        // zero width space
         is_within("\xe2\x80\x8e", "\xe2\x80\x8f") ||  // direction marks
         is_within("\xe2\x80\xa8", "\xe2\x80\xae") ||  // separators, embeddings, overrides
         is_within("\xe2\x81\xa0", "\xe2\x81\xaf") ||  // word joiner, isolates
         c == "\xef\xbb\xbf";                          // byte order mark
}

std::string_view escaped(std::string_view c) {
  if (c == "&") return "&amp;";
  if (c == "<") return "&lt;";
  if (c == ">") return "&gt;";
  if (c == "\"") return "&quot;";
  if (c == "'") return "&#39;";
  return is_deceptive(c) ? kReplacement : c;
}

std::string padded(std::uint64_t value, std::size_t width) {
  const auto digits = std::to_string(value);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

}  // namespace

std::string html_text(std::string_view text) {
  const auto valid = base::valid_utf8(text);
  std::string out;
  out.reserve(valid.size());
  for (std::string_view rest = valid; !rest.empty();) {
    const auto length = length_of(static_cast<unsigned char>(rest.front()));
    out += escaped(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return out;
}

std::string html_time(base::UnixMillis time) {
  const auto value = std::min(time.value, kLastMillisOf9999);
  const auto days = std::chrono::days{static_cast<int>(value / 86'400'000)};
  const std::chrono::year_month_day date{std::chrono::sys_days{days}};
  const auto year = padded(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  const auto month = static_cast<unsigned>(date.month());
  const auto day = static_cast<unsigned>(date.day());
  const auto seconds = value / 1'000 % 86'400;
  const auto clock = filled("{}:{}:{}", {padded(seconds / 3'600, 2), padded(seconds / 60 % 60, 2),
                                         padded(seconds % 60, 2)});
  return filled("<time datetime=\"{}-{}-{}T{}.{}Z\">{} {} {}, {} UTC</time>",
                {year, padded(month, 2), padded(day, 2), clock, padded(value % 1'000, 3),
                 std::to_string(day), kMonths.at(month - 1), year, clock});
}

std::string filled(std::string_view pattern, std::initializer_list<std::string_view> values) {
  std::string out;
  for (const auto value : values) {
    const auto place = pattern.find("{}");
    PEERPAY_CHECK(place != std::string_view::npos, "a place for each value");
    out += pattern.substr(0, place);
    out += value;
    pattern.remove_prefix(place + 2);
  }
  PEERPAY_CHECK(pattern.find("{}") == std::string_view::npos, "a value for each place");
  return out += pattern;
}

}  // namespace peerpay::api
