#include "api/core/idempotency.h"

#include <gtest/gtest.h>

#include <set>

namespace peerpay::api {
namespace {

TEST(IdempotencyKeyHeader, IsTakenBareAndQuoted) {
  constexpr std::pair<const char*, const char*> kRows[] = {
      {"order-17", "order-17"},
      {"\"order-17\"", "order-17"},
      {"8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"},
      {"a b", "a b"},
      {"\"a \\\" b\"", "a \" b"},
      {"\"a\\\\b\"", "a\\b"},
      {"a\\b", "a\\b"}};
  for (const auto& [header, key] : kRows) EXPECT_EQ(parse_idempotency_key(header), key) << header;
  EXPECT_EQ(parse_idempotency_key(std::string(255, 'k')), std::string(255, 'k'));
}

TEST(IdempotencyKeyHeader, RefusesTheRest) {
  for (const auto* header : {"", "\"\"", "\"a", "a\"", "a\"b", "\"a\"b\"", "\"a\\b\"", "\"a\\\"",
                             "\"", " a", "a ", "a\tb", "caf\xc3\xa9", "a\x7f"}) {
    EXPECT_FALSE(parse_idempotency_key(header).has_value()) << header;
  }
  EXPECT_FALSE(parse_idempotency_key(std::string(256, 'k')).has_value());
}

TEST(IdempotencyKey, OfDifferentCallersPathsAndValuesNeverMeet) {
  const ApiKeyId caller;
  ApiKeyId other;
  other.bytes[0] = 1;
  const std::set<IdempotencyKey> keys = {idempotency_key(caller, "POST", "/v1/invoices", "k"),
                                         idempotency_key(other, "POST", "/v1/invoices", "k"),
                                         idempotency_key(caller, "PUT", "/v1/invoices", "k"),
                                         idempotency_key(caller, "POST", "/v1/invoicesk", ""),
                                         idempotency_key(caller, "POST", "/v1/invoice", "sk"),
                                         idempotency_key(caller, "POST", "/v1/invoices", "K")};
  EXPECT_EQ(keys.size(), 6U);
}

crypto::Hash hash_of(const char* text) { return request_hash(*json::Json::parsed(text)); }

TEST(RequestHash, IsOfTheMeaning) {
  const auto hash = hash_of(R"({"a":{"x":1,"y":[1,2]},"b":null})");
  EXPECT_EQ(hash_of(R"( { "b" : null, "a" : { "y" : [1, 2], "x" : 1 } } )"), hash);
  EXPECT_EQ(hash_of(R"({"\u0061":{"x":1,"y":[1,2]},"b":null})"), hash);
  for (const auto* other :
       {R"({"a":{"x":1,"y":[2,1]},"b":null})", R"({"a":{"x":1,"y":[1,2]}})",
        R"({"a":{"x":"1","y":[1,2]},"b":null})", R"({"a":{"x":1,"y":[1,2]},"b":"null"})", "null"}) {
    EXPECT_NE(hash_of(other), hash) << other;
  }
}

}  // namespace
}  // namespace peerpay::api
