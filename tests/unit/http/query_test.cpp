#include "api/http/query.h"

#include <gtest/gtest.h>

#include <string>

namespace peerpay::http {
namespace {

TEST(Query, ReadsPairsInOrder) {
  const auto query = parse_query("b=1&a=x%20y+z&&empty=&bare&%c3%a4=%E2%82%AC");
  const Query expected{{"b", "1"}, {"a", "x y z"}, {"empty", ""}, {"bare", ""}, {"ä", "€"}};
  EXPECT_EQ(query, expected);
  EXPECT_EQ(parse_query(""), Query{});
  EXPECT_EQ(parse_query("a=b=c"), (Query{{"a", "b=c"}}));
}

TEST(Query, RefusesWhatIsMalformed) {
  for (const std::string_view text :
       {"a=%", "a=%2", "a=%zz", "%=a", "a=%00", "a=%ff", "a=%c0%af", "a=1&a=2", "a=1&b=2&%61=3"}) {
    EXPECT_FALSE(parse_query(text).has_value()) << text;
  }
}

TEST(Query, IsBounded) {
  std::string text;
  for (std::size_t i = 0; i < kQueryParametersMax; ++i) text += "p" + std::to_string(i) + "=1&";
  EXPECT_TRUE(parse_query(text).has_value());
  EXPECT_FALSE(parse_query(text + "one_more").has_value());
}

TEST(Percent, EncodesAllButUnreserved) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b/?&=+%\xff"), "a%20b%2F%3F%26%3D%2B%25%FF");
}

TEST(Percent, RoundTripsEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_FALSE(percent_decode("a%4").has_value());
}

}  // namespace
}  // namespace peerpay::http
