// RFC 3339 times: what is read is written as the same moment.

#include "api/core/time_text.h"
#include "base/civil_time.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  const auto text = fuzz::as_text({data, size});
  fuzz::check_prints(text, api::parse_time, api::format_time);
  if (const auto time = api::parse_time(text)) {
    PEERPAY_CHECK(*time <= base::kCivilTimeMax, "no time is beyond what can be written");
  }
  fuzz::Draw draw{{data, size}};
  const base::UnixMillis any{draw.integer()};
  PEERPAY_CHECK(api::parse_time(api::format_time(any)) == std::min(any, base::kCivilTimeMax),
                "every moment comes back");
  return 0;
}
