// Base 64: one text for each byte string, with and without padding.

#include "base/base64.h"
#include "tests/fuzz/promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  const base::ByteView in{data, size};
  for (const auto padding : {base::Base64Padding::kNone, base::Base64Padding::kRequired}) {
    const auto text = base::base64_encode(in, padding);
    const auto back = base::base64_decode(text, padding);
    PEERPAY_CHECK(back && std::ranges::equal(*back, in), "every byte string comes back");
    const auto bytes = base::base64_decode(fuzz::as_text(in), padding);
    PEERPAY_CHECK(!bytes || base::base64_encode(*bytes, padding) == fuzz::as_text(in),
                  "a byte string has one text");
  }
  return 0;
}
