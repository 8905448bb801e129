// A bug that was planted: `./dev fuzz` looks for it first, and fails when it is not found, because
// a pipeline that never reports anything proves nothing. It stands behind comparisons that blind
// bytes do not pass: a word, a number, and a sum over the bytes behind them.

#include <algorithm>
#include <string_view>

#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  constexpr std::string_view kWord = "canary";
  if (size < kWord.size() || fuzz::as_text({data, kWord.size()}) != kWord) return 0;
  fuzz::Draw draw{base::ByteView{data, size}.subspan(kWord.size())};
  if (draw.integer(4) != 0x7065'6572) return 0;
  const auto first = draw.integer(2);
  PEERPAY_CHECK(draw.empty() || draw.integer(2) != (first ^ 0x5a5a), "the canary was found");
  return 0;
}
