// QR codes: every text that fits gives a square of a size that there is, with its finder patterns,
// and both pictures of it.

#include <string>

#include "base/qr/qr.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;

// ISO/IEC 18004, 6.3.3: dark ring, light ring, dark heart.
bool has_finder(const qr::QrCode& code, std::size_t row, std::size_t column) {
  for (std::size_t r = 0; r < 7; ++r) {
    for (std::size_t c = 0; c < 7; ++c) {
      const auto ring = std::min({r, c, 6 - r, 6 - c});
      if (code.is_dark(row + r, column + c) != (ring != 1)) return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text({data, size});
  const auto code = qr::encode(text);
  const bool fits = !text.empty() && text.size() <= qr::kTextBytesMax &&
                    text.find('\0') == std::string_view::npos;
  PEERPAY_CHECK(code.has_value() == fits, "what fits has a code, and nothing else");
  if (!code) return 0;
  PEERPAY_CHECK(code->side >= 21 && code->side <= 177 && code->side % 4 == 1, "a size there is");
  PEERPAY_CHECK(code->dark.size() == code->side * code->side, "it is a square");
  PEERPAY_CHECK(has_finder(*code, 0, 0) && has_finder(*code, 0, code->side - 7) &&
                    has_finder(*code, code->side - 7, 0),
                "readers find it");
  PEERPAY_CHECK(!qr::terminal_text(*code).empty(), "a terminal can show it");
  PEERPAY_CHECK(qr::svg(*code).starts_with("<svg"), "a page can show it");
  return 0;
}
