#include "api/http/router.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <string>

namespace peerpay::http {
namespace {

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    const auto tell = [](Call call) -> Task<Response> {
      Response response;
      response.body = std::string{name(call.request.method)} + " " + std::string{call.route};
      for (const auto& [part, value] : call.path) {
        response.body += " " + std::string{part} + "=" + value;
      }
      co_return response;
    };
    router_.add(Method::kGet, "/", tell);
    router_.add(Method::kGet, "/v1/things/{id}", tell);
    router_.add(Method::kDelete, "/v1/things/{id}", tell);
    router_.add(Method::kPost, "/v1/things/search", tell);
    router_.add(Method::kPost, "/v1/things/{id}/void", tell);
    router_.add(Method::kGet, "/v1/{kind}/all/{page}", tell);
    router_.add(Method::kOptions, "/own", tell);
    router_.set_fallback([](const Request& request, unsigned status) {
      Response response;
      response.body = std::to_string(status) + " for " + request.path;
      return response;
    });
  }

  Response ask(Method method, const std::string& path) {
    Request request;
    request.method = method;
    request.path = path;
    boost::asio::io_context loop;
    auto answer = boost::asio::co_spawn(loop, router_.handle(request), boost::asio::use_future);
    loop.run();
    return answer.get();
  }

  static std::string allow(const Response& response) {
    for (const Header& field : response.headers) {
      if (field.name == "Allow") return field.value;
    }
    return "none";
  }

  Router router_;
};

TEST_F(RouterTest, FindsTheHandlerAndItsParameters) {
  EXPECT_EQ(ask(Method::kGet, "/").body, "GET /");
  EXPECT_EQ(ask(Method::kGet, "/v1/things/a b").body, "GET /v1/things/{id} id=a b");
  EXPECT_EQ(ask(Method::kPost, "/v1/things/7/void").body, "POST /v1/things/{id}/void id=7");
  EXPECT_EQ(ask(Method::kGet, "/v1/x/all/2").body, "GET /v1/{kind}/all/{page} kind=x page=2");
}

TEST_F(RouterTest, PrefersConstantSegments) {
  EXPECT_EQ(ask(Method::kPost, "/v1/things/search").body, "POST /v1/things/search");
  EXPECT_EQ(ask(Method::kGet, "/v1/things/search").status, 405U);
}

TEST_F(RouterTest, AnswersWhatNoHandlerTakes) {
  for (const std::string path :
       {"/v1", "/v1/things", "/v1/things/1/2", "/V1/things/1", "/v1/things/"}) {
    const Response response = ask(Method::kGet, path);
    EXPECT_EQ(response.status, 404U) << path;
    EXPECT_EQ(response.body, "404 for " + path);
  }
  const Response response = ask(Method::kPut, "/v1/things/1");
  EXPECT_EQ(response.status, 405U);
  EXPECT_EQ(response.body, "405 for /v1/things/1");
  EXPECT_EQ(allow(response), "GET, HEAD, DELETE, OPTIONS");
}

TEST_F(RouterTest, AnswersHeadAsGetAndOptionsByItself) {
  EXPECT_EQ(ask(Method::kHead, "/v1/things/1").body, "HEAD /v1/things/{id} id=1");
  EXPECT_EQ(ask(Method::kHead, "/v1/things/search").status, 405U);
  const Response options = ask(Method::kOptions, "/v1/things/search");
  EXPECT_EQ(options.status, 204U);
  EXPECT_EQ(allow(options), "POST, OPTIONS");
  EXPECT_EQ(ask(Method::kOptions, "/own").body, "OPTIONS /own");
}

TEST_F(RouterTest, NamesTheRouteForMetrics) {
  Request request;
  request.path = "/v1/things/17";
  EXPECT_EQ(router_.route_of(request), "/v1/things/{id}");
  request.path = "/nowhere";
  EXPECT_EQ(router_.route_of(request), "");
}

TEST(Message, HeadersIgnoreCaseAndAmbiguity) {
  Request request;
  request.headers = {{"X-One", "1"}, {"x-two", "2"}, {"X-TWO", "3"}};
  EXPECT_EQ(request.header("x-one"), "1");
  EXPECT_FALSE(request.header("X-Two").has_value());
  EXPECT_EQ(request.count("X-Two"), 2U);
  EXPECT_FALSE(request.header("X-Three").has_value());

  Response response;
  response.set("X-One", "1");
  response.set("x-one", "2");
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].value, "2");
}

}  // namespace
}  // namespace peerpay::http
