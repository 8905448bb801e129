#include "api/web/html.h"

#include <gtest/gtest.h>

#include <string>

namespace peerpay::api {
namespace {

const std::string kInstead = "\xef\xbf\xbd";

TEST(HtmlText, EscapesWhatIsMarkup) {
  EXPECT_EQ(html_text(R"(<a href="x" title='y'>&amp;)"),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;");
}

TEST(HtmlText, KeepsTheTextOfPeople) {
  for (const std::string text : {"Café №5", "שלום", "مرحبا", "日本",
                                 "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x8d\xb3", "a\tb\nc"}) {
    EXPECT_EQ(html_text(text), text);
  }
  EXPECT_EQ(html_text(""), "");
}

TEST(HtmlText, ReplacesWhatTurnsOrHidesText) {
  const std::string deceptive[] = {std::string(1, '\0'),
                                   "\x08",
                                   "\x0b",
                                   "\r",
                                   "\x1b",
                                   "\x1f",
                                   "\x7f",
                                   "\xc2\x80",
                                   "\xc2\x9f",
                                   "\xd8\x9c",      // Arabic letter mark
                                   "\xe2\x80\x8b",  // zero width space
                                   "\xe2\x80\x8e",
                                   "\xe2\x80\x8f",
                                   "\xe2\x80\xa8",
                                   "\xe2\x80\xa9",
                                   "\xe2\x80\xaa",
                                   "\xe2\x80\xae",  // right-to-left override
                                   "\xe2\x81\xa0",
                                   "\xe2\x81\xa6",
                                   "\xe2\x81\xa9",
                                   "\xef\xbb\xbf"};
  for (const auto& text : deceptive) EXPECT_EQ(html_text("a" + text + "b"), "a" + kInstead + "b");
}

TEST(HtmlText, KeepsTheNeighboursOfWhatItReplaces) {
  for (const std::string text : {"\xc2\xa0", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x90",
                                 "\xe2\x80\xaf", "\xe2\x81\xb0", "\xd8\x9d", " "}) {
    EXPECT_EQ(html_text(text), text);
  }
}

TEST(HtmlText, IsAlwaysUtf8) {
  EXPECT_EQ(html_text("\xff<\xc3"), kInstead + "&lt;" + kInstead);
  EXPECT_EQ(html_text("\xe2\x80"), kInstead + kInstead);
}

TEST(HtmlTime, SaysItToPeopleAndToScripts) {
  EXPECT_EQ(html_time({1'795'342'500'007}),
            "<time datetime=\"2026-11-22T10:15:00.007Z\">22 November 2026, 10:15:00 UTC</time>");
  EXPECT_EQ(html_time({0}),
            "<time datetime=\"1970-01-01T00:00:00.000Z\">1 January 1970, 00:00:00 UTC</time>");
  EXPECT_EQ(html_time({951'782'399'999}),
            "<time datetime=\"2000-02-28T23:59:59.999Z\">28 February 2000, 23:59:59 UTC</time>");
  EXPECT_EQ(html_time({951'782'400'000}),
            "<time datetime=\"2000-02-29T00:00:00.000Z\">29 February 2000, 00:00:00 UTC</time>");
}

TEST(HtmlTime, EndsWithTheYear9999) {
  const auto last =
      "<time datetime=\"9999-12-31T23:59:59.999Z\">31 December 9999, 23:59:59 UTC</time>";
  EXPECT_EQ(html_time({253'402'300'799'999}), last);
  EXPECT_EQ(html_time({UINT64_MAX}), last);
}

TEST(Filled, PutsEachValueInItsPlaceAsItIs) {
  EXPECT_EQ(filled("{}-{}.", {"a", "{}"}), "a-{}.");
  EXPECT_EQ(filled("nothing", {}), "nothing");
}

TEST(FilledDeathTest, CountsPlacesAndValues) {
  EXPECT_DEATH((void)filled("{}", {"a", "b"}), "a place for each value");
  EXPECT_DEATH((void)filled("{}{}", {"a"}), "a value for each place");
}

}  // namespace
}  // namespace peerpay::api
