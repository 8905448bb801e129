#include "api/http/message.h"

#include <gtest/gtest.h>

namespace peerpay::http {
namespace {

TEST(Message, HeadersAreFoundWhateverTheirCase) {
  Request request;
  request.headers = {{"Content-Type", "a"}, {"X-Twice", "1"}, {"x-twice", "2"}};
  EXPECT_EQ(request.header("content-type"), "a");
  EXPECT_EQ(request.header("Content"), std::nullopt);
  EXPECT_EQ(request.header("X-Twice"), std::nullopt) << "which of the two?";
  EXPECT_EQ(request.count("X-TWICE"), 2U);
  EXPECT_EQ(request.count("absent"), 0U);
}

TEST(Message, SetReplaces) {
  Response response;
  response.set("Retry-After", "1");
  response.set("retry-after", "2");
  response.set("Allow", "GET");
  ASSERT_EQ(response.headers.size(), 2U);
  EXPECT_EQ(response.headers[0].value, "2");
}

TEST(Message, MethodsHaveTheirNames) {
  EXPECT_EQ(name(Method::kGet), "GET");
  EXPECT_EQ(name(Method::kHead), "HEAD");
  EXPECT_EQ(name(Method::kPost), "POST");
  EXPECT_EQ(name(Method::kDelete), "DELETE");
  EXPECT_EQ(name(Method::kOptions), "OPTIONS");
}

}  // namespace
}  // namespace peerpay::http
