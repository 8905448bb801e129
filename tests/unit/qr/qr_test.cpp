#include "base/qr/qr.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace peerpay::qr {
namespace {

// ISO/IEC 18004, 6.3.3: dark 7 x 7 frame, light ring, dark 3 x 3 heart.
bool is_finder_at(const QrCode& code, std::size_t top, std::size_t left) {
  for (std::size_t row = 0; row < 7; ++row) {
    for (std::size_t column = 0; column < 7; ++column) {
      const auto ring = std::min({row, column, 6 - row, 6 - column});
      if (code.is_dark(top + row, left + column) != (ring != 1)) return false;
    }
  }
  return true;
}

TEST(Qr, HasTheFixedPatternsOfTheStandard) {
  const auto code = encode("peerpay");
  ASSERT_TRUE(code.has_value());
  EXPECT_EQ(code->side, 21U);  // version 1
  EXPECT_TRUE(is_finder_at(*code, 0, 0));
  EXPECT_TRUE(is_finder_at(*code, 0, code->side - 7));
  EXPECT_TRUE(is_finder_at(*code, code->side - 7, 0));
  EXPECT_FALSE(is_finder_at(*code, code->side - 7, code->side - 7));
  for (std::size_t i = 8; i < code->side - 8; ++i) {  // timing patterns, 6.3.5
    EXPECT_EQ(code->is_dark(6, i), i % 2 == 0);
    EXPECT_EQ(code->is_dark(i, 6), i % 2 == 0);
  }
  EXPECT_TRUE(code->is_dark(code->side - 8, 8));  // the dark module, 7.9.1
  // Error correction level M in the format information (7.9.1, table 12): 00, masked with 10.
  EXPECT_TRUE(code->is_dark(8, 0));
  EXPECT_FALSE(code->is_dark(8, 1));
}

// ISO/IEC 18004, table 7: level M holds 14 bytes in version 1, 26 in 2, 2331 in 40; alphanumeric
// text is packed into fewer bits.
TEST(Qr, TakesTheSmallestVersionThatHoldsTheText) {
  EXPECT_EQ(encode(std::string(14, 'a'))->side, 21U);
  EXPECT_EQ(encode(std::string(15, 'a'))->side, 25U);
  EXPECT_EQ(encode(std::string(20, 'A'))->side, 21U);
  EXPECT_EQ(encode(std::string(21, 'A'))->side, 25U);
  EXPECT_EQ(encode(std::string(kTextBytesMax, 'a'))->side, 177U);
}

TEST(Qr, RefusesWhatItCanNotHold) {
  EXPECT_FALSE(encode("").has_value());
  EXPECT_FALSE(encode(std::string(kTextBytesMax + 1, 'a')).has_value());
  EXPECT_FALSE(encode(std::string_view("a\0b", 3)).has_value());
}

TEST(Qr, SameTextSameCode) {
  const auto first = encode("peerpay:x?amount=1");
  const auto second = encode("peerpay:x?amount=1");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->dark, second->dark);
  EXPECT_NE(first->dark, encode("peerpay:x?amount=2")->dark);
}

QrCode checkerboard() { return {.side = 2, .dark = {true, false, false, true}}; }

TEST(Qr, SvgIsOnePathWithoutStyle) {
  EXPECT_EQ(svg(checkerboard()),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 10 10\" "
            "shape-rendering=\"crispEdges\"><rect width=\"10\" height=\"10\" fill=\"#fff\"/>"
            "<path d=\"M4 4h1v1h-1zM5 5h1v1h-1z\" fill=\"#000\"/></svg>");
}

TEST(Qr, SvgJoinsNeighboursInABar) {
  const QrCode bars{.side = 3, .dark = {true, true, true, false, false, false, true, false, true}};
  EXPECT_NE(svg(bars).find("d=\"M4 4h3v1h-3zM4 6h1v1h-1zM6 6h1v1h-1z\""), std::string::npos);
}

TEST(Qr, TerminalTextSetsItsColoursOnEveryLine) {
  const std::string on = "\x1b[38;5;16;48;5;231m";
  const std::string off = "\x1b[0m\n";
  const auto light = on + std::string(10, ' ') + off;
  EXPECT_EQ(terminal_text(checkerboard()),
            light + light + on + "    \u2580\u2584    " + off + light + light);
}

}  // namespace
}  // namespace peerpay::qr
