#include "api/core/time_text.h"

#include <algorithm>

#include "base/civil_time.h"

namespace peerpay::api {
namespace {

constexpr std::size_t kFractionDigitsMax = 9;
constexpr std::uint64_t kMsPerMinute = 60'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string padded(std::uint32_t value, std::size_t width) {
  const auto digits = std::to_string(value);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

// Takes parts off the front of a text; once one does not fit, none fits any more.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_{text} {}

  std::uint32_t digits(std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_.empty() || !is_digit(rest_.front())) return fail();
      value = value * 10 + static_cast<std::uint32_t>(rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  bool accept(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(std::string_view any_of) {
    if (!accept(any_of)) fail();
  }
  // Up to nine digits after a point.
  std::uint32_t milliseconds() {
    const auto end = std::ranges::find_if_not(rest_, is_digit);
    const auto count = static_cast<std::size_t>(end - rest_.begin());
    if (count == 0 || count > kFractionDigitsMax) return fail();
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      value = value * 10 + (i < count ? static_cast<std::uint32_t>(rest_[i] - '0') : 0U);
    }
    rest_.remove_prefix(count);
    return value;
  }
  bool finished() const { return !failed_ && rest_.empty(); }

 private:
  std::uint32_t fail() {
    failed_ = true;
    return 0;
  }
  std::string_view rest_;
  bool failed_ = false;
};

base::CivilTime read_local(Scanner& in) {
  base::CivilTime time;
  time.year = in.digits(4);
  in.expect("-");
  time.month = in.digits(2);
  in.expect("-");
  time.day = in.digits(2);
  in.expect("Tt");
  time.hour = in.digits(2);
  in.expect(":");
  time.minute = in.digits(2);
  in.expect(":");
  time.second = in.digits(2);
  if (in.accept(".")) time.millisecond = in.milliseconds();
  return time;
}

struct Offset {
  bool is_ahead = true;  // of UTC
  std::uint32_t hours = 0;
  std::uint32_t minutes = 0;
};

Offset read_offset(Scanner& in) {
  if (in.accept("Zz")) return {};
  Offset offset;
  offset.is_ahead = in.accept("+");
  if (!offset.is_ahead) in.expect("-");
  offset.hours = in.digits(2);
  in.expect(":");
  offset.minutes = in.digits(2);
  return offset;
}

}  // namespace

std::string format_time(base::UnixMillis time) {
  const auto at = base::civil_time(time);
  return padded(at.year, 4) + "-" + padded(at.month, 2) + "-" + padded(at.day, 2) + "T" +
         padded(at.hour, 2) + ":" + padded(at.minute, 2) + ":" + padded(at.second, 2) + "." +
         padded(at.millisecond, 3) + "Z";
}

std::optional<base::UnixMillis> parse_time(std::string_view text) {
  Scanner in{text};
  const auto local = read_local(in);
  const auto offset = read_offset(in);
  const auto time = base::unix_millis(local);
  if (!in.finished() || !time || offset.hours > 23 || offset.minutes > 59) return std::nullopt;
  const auto ms = (offset.hours * 60 + offset.minutes) * kMsPerMinute;
  if (!offset.is_ahead) return base::UnixMillis{time->value + ms};
  if (time->value < ms) return std::nullopt;
  return base::UnixMillis{time->value - ms};
}

}  // namespace peerpay::api
