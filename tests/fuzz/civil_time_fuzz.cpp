// Dates: every moment has one date and every date one moment.

#include <algorithm>

#include "base/check.h"
#include "base/civil_time.h"
#include "tests/fuzz/draw.h"

namespace {

using namespace peerpay;

bool is_date(const base::CivilTime& t) {
  constexpr std::uint32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = (t.year % 4 == 0 && t.year % 100 != 0) || t.year % 400 == 0;
  if (t.year < 1970 || t.year > 9999 || t.month < 1 || t.month > 12) return false;
  const auto days = kDays[t.month - 1] + (t.month == 2 && is_leap ? 1 : 0);
  return t.day >= 1 && t.day <= days && t.hour < 24 && t.minute < 60 && t.second < 60 &&
         t.millisecond < 1000;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Draw draw{{data, size}};
  const base::UnixMillis moment{draw.integer()};
  const auto date = base::civil_time(moment);
  PEERPAY_CHECK(is_date(date), "a moment has a date");
  PEERPAY_CHECK(base::unix_millis(date) == std::min(moment, base::kCivilTimeMax),
                "its date is its own");

  const bool is_near = draw.coin();
  const auto field = [&](std::uint64_t bound) {
    return static_cast<std::uint32_t>(is_near ? draw.below(bound) : draw.integer(4));
  };
  const base::CivilTime any{field(10'100), field(14), field(34),   field(26),
                            field(62),     field(62), field(1'002)};
  const auto back = base::unix_millis(any);
  PEERPAY_CHECK(back.has_value() == is_date(any), "dates and nothing else have a moment");
  PEERPAY_CHECK(!back || base::civil_time(*back) == any, "the moment has the date");
  return 0;
}
