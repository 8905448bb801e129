#include "base/json/json.h"

#include <gtest/gtest.h>

namespace peerpay::json {
namespace {

TEST(Json, WritesInTheOrderGiven) {
  const Json json = Json::Object{{"z", std::uint64_t{1}},
                                 {"a", Json::Array{true, Json{}, "x\n\"y\""}},
                                 {"big", UINT64_MAX},
                                 {"none", Json::Object{}}};
  EXPECT_EQ(json.serialized(),
            R"({"z":1,"a":[true,null,"x\n\"y\""],"big":18446744073709551615,"none":{}})");
}

TEST(Json, WritesValidUtf8WhateverItIsGiven) {
  const Json json = Json::Object{{"a\xff", "\xff\x1b"}};
  EXPECT_EQ(json.serialized(), "{\"a\xef\xbf\xbd\":\"\xef\xbf\xbd\\u001b\"}");
}

TEST(Json, ReadsWhatItWrote) {
  const auto text = R"({"z":1,"a":[true,null,"x"],"big":18446744073709551615,"o":{"k":"v"}})";
  const auto json = Json::parsed(text);
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(json->serialized(), text);
  EXPECT_EQ(json->member_number("z"), 1U);
  EXPECT_EQ(json->member("o")->member_text("k"), "v");
  EXPECT_EQ(json->member("a")->array()->size(), 3U);
  EXPECT_EQ(json->member("nothing"), nullptr);
  EXPECT_FALSE(json->member_text("z").has_value());
  EXPECT_EQ(json->member("z")->member("z"), nullptr);
}

TEST(Json, RefusesWhatIsNeverWritten) {
  for (const auto* text : {"", "{", "{}x", "[1.5]", "[-1]", "{\"a\":}", "nul", "[1,]"}) {
    EXPECT_FALSE(Json::parsed(text).has_value()) << text;
  }
  EXPECT_FALSE(Json::parsed(std::string(100, '[') + std::string(100, ']')).has_value());
}

}  // namespace
}  // namespace peerpay::json
