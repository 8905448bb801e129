#include "base/utf8.h"

#include <gtest/gtest.h>

namespace peerpay::base {
namespace {

TEST(Printable, KeepsTextAndDisarmsControls) {
  const auto shown = [](std::string_view text) { return printable(as_bytes(text)); };
  EXPECT_EQ(shown("Grüße, 東京 €5 🎉"), "Grüße, 東京 €5 🎉");
  EXPECT_EQ(shown("a\nb\x1b[2J\x7f"), "a\\x0ab\\x1b[2J\\x7f");
  EXPECT_EQ(shown("\xc2\x9b"), "\\xc2\\x9b");                    // C1 control: CSI
  EXPECT_EQ(shown("\xe2\x80\xae"), "\\xe2\\x80\\xae");           // right-to-left override
  EXPECT_EQ(shown("\xff\xc0\xaf"), "\\xff\\xc0\\xaf");           // never valid; overlong
  EXPECT_EQ(shown("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(shown("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  EXPECT_EQ(shown("\xe2\x82"), "\\xe2\\x82");                    // cut off
}

TEST(Printable, TellsAnEscapeFromTextThatLooksLikeOne) {
  EXPECT_EQ(printable(as_bytes("a\x1b")), "a\\x1b");
  EXPECT_EQ(printable(as_bytes("a\\x1b")), "a\\\\x1b");
}

TEST(PrintableLines, KeepLineFeedsAndBackslashesAlone) {
  EXPECT_EQ(printable_lines("one\n\\two\x1b[2J\r\xff\n"), "one\n\\two\\x1b[2J\\x0d\\xff\n");
}

TEST(PlainText, HasNoControlsAndNothingThatIsNoUtf8) {
  for (const auto* text :
       {"", "a", "caf\xc3\xa9", "\xc2\xa0", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    EXPECT_TRUE(is_plain_text(text)) << text;
  }
  for (const auto& text : {std::string{"a\0b", 3}, std::string{"\x1f"}, std::string{"\x7f"},
                           std::string{"\xc2\x80"}, std::string{"a\xc2\x9f"}, std::string{"\xff"},
                           std::string{"\xc2"}, std::string{"\x80"}, std::string{"\xed\xa0\x80"}}) {
    EXPECT_FALSE(is_plain_text(text)) << text;
  }
}

TEST(ValidUtf8, ReplacesOnlyWhatIsNone) {
  EXPECT_EQ(valid_utf8("Gr\xc3\xbc\xc3\x9f"
                       "e \x1b"),
            "Gr\xc3\xbc\xc3\x9f"
            "e \x1b");
  EXPECT_EQ(valid_utf8("\xff"
                       "a\xe2\x82"),
            "\xef\xbf\xbd"
            "a\xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace
}  // namespace peerpay::base
