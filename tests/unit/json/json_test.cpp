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

ParseError error_of(std::string_view text, std::size_t depth_max = 32) {
  const auto json = Json::parse(text, depth_max);
  return json ? ParseError{"none", "", ""} : json.error();
}

TEST(JsonErrors, SayWhatIsWrongAndWhere) {
  const auto expect = [](std::string_view text, std::string_view code, std::string_view pointer) {
    const auto error = error_of(text);
    EXPECT_EQ(error.code, code) << text;
    EXPECT_EQ(error.pointer, pointer) << text;
    EXPECT_FALSE(error.sentence.empty());
  };
  expect(R"({"a":1,"b":2,"a":3})", "json_member_repeated", "/a");
  expect(R"({"o":{"x/y":[1,{"k":1,"k":1}]}})", "json_member_repeated", "/o/x~1y/1/k");
  expect(R"({"\u0061":1,"a":1})", "json_member_repeated", "/a");
  for (const auto* number : {"1.0", "-1", "-0", "1e3", "0.5", "18446744073709551616", "1E-2"}) {
    expect(std::string{R"({"amount":)"} + number + "}", "json_number_unsupported", "/amount");
  }
  expect(R"({"a":01})", "json_malformed", "");
  expect(R"({"a":NaN})", "json_malformed", "/a");
  expect(R"({"a":"\ud800"})", "json_malformed", "/a");
  expect("{\"a\":\"\xff\"}", "json_malformed", "/a");
  expect("{\"a\":\"\n\"}", "json_malformed", "/a");
  expect(R"({"a":1} {"a":1})", "json_malformed", "");
  expect(R"({"a":1)", "json_malformed", "");
  expect(R"({'a':1})", "json_malformed", "");
  expect("/**/{}", "json_malformed", "");
}

std::string object_of(std::size_t members) {
  std::string out = "{";
  for (std::size_t i = 0; i < members; ++i) {
    out += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
  }
  return out + "}";
}

TEST(JsonErrors, AnObjectHasSoManyMembersAtMost) {
  EXPECT_EQ(error_of(object_of(kMembersMax)).code, "none");
  EXPECT_EQ(error_of("[" + object_of(kMembersMax) + "," + object_of(kMembersMax) + "]").code,
            "none");
  const auto error = error_of("[" + object_of(kMembersMax + 1) + "]");
  EXPECT_EQ(error.code, "json_members_too_many");
  EXPECT_EQ(error.pointer, "/0/1024");
}

TEST(JsonPointers, EscapeWhatDividesThem) {
  EXPECT_EQ(pointer_to("amount"), "/amount");
  EXPECT_EQ(pointer_to("a/b~c"), "/a~1b~0c");
  EXPECT_EQ(pointer_to(""), "/");
}

TEST(JsonErrors, DepthIsTheCallersChoice) {
  EXPECT_EQ(error_of("[[[]]]", 3).code, "none");
  EXPECT_EQ(error_of("[[[[]]]]", 3).code, "json_too_deep");
  EXPECT_EQ(error_of(R"({"a":[{"b":1}]})", 3).code, "none");
  EXPECT_EQ(error_of(R"({"a":[{"b":{}}]})", 3).pointer, "/a/0/b");
}

}  // namespace
}  // namespace peerpay::json
