// Text from others: what a terminal or a format gets is clean whatever came, and clean text stays.

#include <string>

#include "base/utf8.h"
#include "tests/fuzz/promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  const base::ByteView in{data, size};
  const auto text = fuzz::as_text(in);
  const auto valid = base::valid_utf8(text);
  PEERPAY_CHECK(base::valid_utf8(valid) == valid, "well-formed text stays");
  PEERPAY_CHECK(!base::is_plain_text(text) || valid == text, "plain text is well-formed");

  const auto shown = base::printable(in);
  PEERPAY_CHECK(base::is_plain_text(shown), "what is shown is plain text");
  for (const auto mark : {"\u202e", "\u2066", "\u200f"}) {
    PEERPAY_CHECK(shown.find(mark) == std::string::npos, "no direction mark is shown");
  }
  for (const char c : base::printable_lines(text)) {
    PEERPAY_CHECK(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f),
                  "lines hold no control character");
  }
  return 0;
}
