// The framing gate alone: each rule with what it takes and what it refuses (docs/spec/http.md).

#include "api/http/framing.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace peerpay::http {
namespace {

using Row = std::pair<std::string, Fault>;

constexpr FramingLimits kLimits;

std::string get(std::string_view target) {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::string post(std::string_view fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n";
}

// As the server does it: find the end, then check the block.
base::Expected<RequestHead, Fault> check(std::string_view bytes) {
  const auto end = find_header_end(bytes, kLimits);
  if (!end) return base::Unexpected{end.error()};
  EXPECT_TRUE(end->has_value()) << bytes;
  return check_header_block(bytes.substr(0, **end), kLimits);
}

void expect_refused(const std::vector<Row>& rows) {
  for (const auto& [bytes, fault] : rows) {
    const auto head = check(bytes);
    ASSERT_FALSE(head.has_value()) << bytes;
    EXPECT_EQ(head.error(), fault) << bytes;
  }
}

void expect_taken(const std::vector<std::string>& rows) {
  for (const std::string& bytes : rows) EXPECT_TRUE(check(bytes).has_value()) << bytes;
}

TEST(Framing, ReadsARequest) {
  const auto head = check(
      "POST /v1/a%20b?x=1&y=%2F HTTP/1.1\r\nHost: pay.example:8080\r\nX-A: \t one \t\r\n"
      "X-Empty:\r\nContent-Length: 12\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->method, Method::kPost);
  EXPECT_EQ(head->path, "/v1/a b");
  EXPECT_EQ(head->query, "x=1&y=%2F");
  ASSERT_EQ(head->headers.size(), 4U);
  EXPECT_EQ(head->headers[1].name, "X-A");
  EXPECT_EQ(head->headers[1].value, "one");
  EXPECT_EQ(head->headers[2].value, "");
  EXPECT_EQ(head->framing, BodyFraming::kLength);
  EXPECT_EQ(head->body_bytes, 12U);
  EXPECT_FALSE(head->ends_connection);
  EXPECT_TRUE(head->takes_chunks);
}

TEST(Framing, FindsTheEndOnlyWhenItIsThere) {
  const std::string bytes = get("/");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto end = find_header_end(std::string_view{bytes}.substr(0, size), kLimits);
    ASSERT_TRUE(end.has_value());
    EXPECT_FALSE(end->has_value()) << size;
  }
  EXPECT_EQ(find_header_end(bytes + "GET", kLimits).value(), bytes.size());
}

TEST(Framing, RefusesRequestLines) {
  std::string long_method(33, 'A');
  long_method += " / HTTP/1.1\r\nHost: a\r\n\r\n";
  expect_refused({{"GET /\r\nHost: a\r\n\r\n", Fault::kRequestLine},
                  {"GET\r\nHost: a\r\n\r\n", Fault::kRequestLine},
                  {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", Fault::kTargetForm},
                  {"GET /  HTTP/1.1\r\nHost: a\r\n\r\n", Fault::kTargetCharacter},
                  {"GET / x HTTP/1.1\r\nHost: a\r\n\r\n", Fault::kTargetCharacter},
                  {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", Fault::kRequestLine},
                  {"GET / http/1.1\r\nHost: a\r\n\r\n", Fault::kRequestLine},
                  {"GET / HTTP/1.1x\r\nHost: a\r\n\r\n", Fault::kRequestLine},
                  {"GET / HTTP/01.1\r\nHost: a\r\n\r\n", Fault::kRequestLine},
                  {"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", Fault::kRequestLine},
                  {"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", Fault::kRequestLine},
                  {long_method, Fault::kRequestLine},
                  {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Fault::kRequestLine},
                  {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", Fault::kRequestLine},
                  {"\x16\x03\x01", Fault::kRequestLine},
                  {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", Fault::kVersion},
                  {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", Fault::kVersion},
                  {"GET / HTTP/0.9\r\nHost: a\r\n\r\n", Fault::kVersion},
                  {"get / HTTP/1.1\r\nHost: a\r\n\r\n", Fault::kMethodUnknown},
                  {"CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", Fault::kMethodUnknown},
                  {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", Fault::kMethodUnknown}});
}

TEST(Framing, KnowsEveryMethod) {
  for (const Method method : kMethods) {
    const auto head = check(std::string{name(method)} + " / HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(head.has_value());
    EXPECT_EQ(head->method, method);
  }
}

TEST(Framing, RefusesTargets) {
  expect_refused({{get("http://a/"), Fault::kTargetForm},
                  {get("a:80"), Fault::kTargetForm},
                  {get("*"), Fault::kTargetForm},
                  {get("v1"), Fault::kTargetForm},
                  {get("/a#b"), Fault::kTargetCharacter},
                  {get("/a?b#c"), Fault::kTargetCharacter},
                  {get("/a\\b"), Fault::kTargetCharacter},
                  {get("/\"a\""), Fault::kTargetCharacter},
                  {get("/a?<b>"), Fault::kTargetCharacter},
                  {get("/\xc3\xa4"), Fault::kTargetCharacter},
                  {get("/a\x01"), Fault::kTargetCharacter},
                  {get("/a\x7f"), Fault::kTargetCharacter},
                  {get("/%"), Fault::kPercentEncoding},
                  {get("/%4"), Fault::kPercentEncoding},
                  {get("/%4g"), Fault::kPercentEncoding},
                  {get("/%00"), Fault::kPercentEncoding},
                  {get("/%0d%0a"), Fault::kPercentEncoding},
                  {get("/%7f"), Fault::kPercentEncoding},
                  {get("/?a=%"), Fault::kPercentEncoding},
                  {get("/?a=%00"), Fault::kPercentEncoding},
                  {get("/a%2Fb"), Fault::kPathSegment},
                  {get("/a%2fb"), Fault::kPathSegment},
                  {get("/%ff"), Fault::kPathSegment},
                  {get("/%c0%af"), Fault::kPathSegment},
                  {get("/.."), Fault::kPathSegment},
                  {get("/a/../b"), Fault::kPathSegment},
                  {get("/a/."), Fault::kPathSegment},
                  {get("/%2e%2E/a"), Fault::kPathSegment},
                  {get("//"), Fault::kPathEmptySegment},
                  {get("//a"), Fault::kPathEmptySegment},
                  {get("/a//b"), Fault::kPathEmptySegment},
                  {get("/a/"), Fault::kPathEmptySegment}});
  expect_taken(
      {get("/"), get("/?"), get("/a..b/...?/../x"), get("/%e2%82%ac"), get("/a:@!$&'()*+,;=~")});
}

TEST(Framing, BoundsTargetAndHeader) {
  const std::string longest(kLimits.target_bytes_max - 1, 'a');
  expect_taken({get("/" + longest)});
  expect_refused({{get("/a" + longest), Fault::kTargetTooLong},
                  {"GET /" + std::string(kLimits.header_bytes_max, 'a'), Fault::kTargetTooLong}});

  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const std::string fits(kLimits.header_bytes_max - start.size() - 4, 'x');
  expect_taken({start + fits + "\r\n\r\n"});
  expect_refused({{start + fits + "x\r\n\r\n", Fault::kHeaderTooLarge},
                  {start + fits + "xxxx", Fault::kHeaderTooLarge}});

  std::string fields;
  for (std::size_t i = 1; i < kLimits.fields_max; ++i) fields += "X: y\r\n";
  expect_taken({post(fields)});
  expect_refused({{post(fields + "X: y\r\n"), Fault::kHeaderTooLarge}});
}

TEST(Framing, RefusesFields) {
  expect_refused({{"GET / HTTP/1.1\r\nHost : a\r\n\r\n", Fault::kFieldName},
                  {post(" folded: x\r\n"), Fault::kFieldName},
                  {post("X: y\r\n folded\r\n"), Fault::kFieldName},
                  {post("X: y\r\n\tfolded\r\n"), Fault::kFieldName},
                  {post(": y\r\n"), Fault::kFieldName},
                  {post("X\r\n"), Fault::kFieldName},
                  {post("X y: z\r\n"), Fault::kFieldName},
                  {post("X\xff: z\r\n"), Fault::kFieldName},
                  {post(std::string{"X\0: z\r\n", 7}), Fault::kFieldName},
                  {post(std::string{"X: a\0b\r\n", 8}), Fault::kFieldValue},
                  {post("X: a\rb\r\n"), Fault::kFieldValue},
                  {post("X: a\x0b\r\n"), Fault::kFieldValue},
                  {post("X: a\x7f\r\n"), Fault::kFieldValue},
                  {post("Connection: keep alive\r\n"), Fault::kFieldValue},
                  {post("Proxy-Connection: keep alive\r\n"), Fault::kFieldValue},
                  {"GET / HTTP/1.1\nHost: a\r\n\r\n", Fault::kLineEnding},
                  {"GET / HTTP/1.1\r\nHost: a\n\r\n", Fault::kLineEnding},
                  {"GET / HTTP/1.1\r\nHost: a\n\n", Fault::kLineEnding},
                  {"GET / HTTP/1.1\r\nHost: a\r\n\n", Fault::kLineEnding}});
}

TEST(Framing, WantsOneValidHost) {
  const auto with = [](std::string_view fields) {
    return "GET / HTTP/1.1\r\n" + std::string{fields} + "\r\n";
  };
  expect_refused({{with(""), Fault::kHost},
                  {with("Host: a\r\nHost: a\r\n"), Fault::kHost},
                  {with("Host: a\r\nhost: b\r\n"), Fault::kHost},
                  {with("Host:\r\n"), Fault::kHost},
                  {with("Host: a b\r\n"), Fault::kHost},
                  {with("Host: a/b\r\n"), Fault::kHost},
                  {with("Host: u@a\r\n"), Fault::kHost},
                  {with("Host: a,b\r\n"), Fault::kHost},
                  {with("Host: a:\r\n"), Fault::kHost},
                  {with("Host: a:80x\r\n"), Fault::kHost},
                  {with("Host: a:123456\r\n"), Fault::kHost},
                  {with("Host: :80\r\n"), Fault::kHost},
                  {with("Host: [::1\r\n"), Fault::kHost},
                  {with("Host: []\r\n"), Fault::kHost},
                  {with("Host: [::g]\r\n"), Fault::kHost},
                  {with("Host: [::1]x\r\n"), Fault::kHost},
                  {with("Host: " + std::string(256, 'a') + "\r\n"), Fault::kHost}});
  expect_taken({with("Host: a\r\n"), with("HOST: shop-1.example:8443\r\n"),
                with("host: [2001:db8::1]:80\r\n"), with("Host: 127.0.0.1\r\n")});
}

TEST(Framing, RefusesLengths) {
  expect_refused(
      {{post("Content-Length: 5, 5\r\n"), Fault::kContentLength},
       {post("Content-Length: 5\r\nContent-Length: 5\r\n"), Fault::kContentLength},
       {post("Content-Length: 5\r\ncontent-length: 6\r\n"), Fault::kContentLength},
       {post("Content-Length: +5\r\n"), Fault::kContentLength},
       {post("Content-Length: -1\r\n"), Fault::kContentLength},
       {post("Content-Length: 0x5\r\n"), Fault::kContentLength},
       {post("Content-Length: 5 5\r\n"), Fault::kContentLength},
       {post("Content-Length:\r\n"), Fault::kContentLength},
       {post("Content-Length: \"5\"\r\n"), Fault::kContentLength},
       {post("Content-Length: 65537\r\n"), Fault::kBodyTooLarge},
       {post("Content-Length: 18446744073709551621\r\n"), Fault::kBodyTooLarge},
       {post("Content-Length: " + std::string(400, '9') + "\r\n"), Fault::kBodyTooLarge}});
  const auto largest = check(post("Content-Length: 65536\r\n"));
  ASSERT_TRUE(largest.has_value());
  EXPECT_EQ(largest->body_bytes, 65'536U);
  const auto none = check(post("Content-Length: 0\r\n"));
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ(none->framing, BodyFraming::kNone);
}

TEST(Framing, TakesChunkedAloneAndNothingElse) {
  for (const std::string_view coding :
       {"gzip", "chunked, identity", "gzip, chunked", "xchunked", "identity", "chunked,", "",
        "Chunked", "chunked;a=b", "\"chunked\"", "chunked chunked"}) {
    const std::string field = "Transfer-Encoding: " + std::string{coding} + "\r\n";
    expect_refused({{post(field), Fault::kTransferEncoding},
                    {post(field + "Content-Length: 5\r\n"), Fault::kTransferEncoding}});
  }
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  expect_refused({{post("Transfer-Encoding: gzip\r\n" + chunked), Fault::kTransferEncoding},
                  {post(chunked + chunked), Fault::kTransferEncoding},
                  {post(chunked + "Content-Length: 5\r\n"), Fault::kTransferEncoding},
                  {post("Content-Length: 5\r\n" + chunked), Fault::kTransferEncoding},
                  {post("Content-Length: 0\r\n" + chunked), Fault::kTransferEncoding},
                  {post("Transfer-Encoding: \x0b"
                        "chunked\r\n"),
                   Fault::kFieldValue},
                  {post("Transfer-Encoding : chunked\r\n"), Fault::kFieldName}});
  const auto head = check(post("transfer-encoding:\tchunked \r\n"));
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->framing, BodyFraming::kChunked);
}

TEST(Framing, TakesHttp10WithoutABody) {
  const auto with = [](std::string_view fields) {
    return "POST / HTTP/1.0\r\nHost: a\r\n" + std::string{fields} + "\r\n";
  };
  expect_refused({{with("Content-Length: 5\r\n"), Fault::kBodyInHttp10},
                  {with("Transfer-Encoding: chunked\r\n"), Fault::kBodyInHttp10}});
  const auto head = check(with("Connection: keep-alive\r\nExpect: 100-continue\r\n"));
  ASSERT_TRUE(head.has_value());
  EXPECT_TRUE(head->ends_connection);
  EXPECT_FALSE(head->takes_chunks);
  EXPECT_FALSE(head->expects_continue);
}

TEST(Framing, ReadsConnectionAndExpect) {
  const auto ends = [](std::string_view fields) { return check(post(fields))->ends_connection; };
  EXPECT_TRUE(ends("Connection: close\r\n"));
  EXPECT_TRUE(ends("Connection: upgrade , CLOSE\r\n"));
  EXPECT_TRUE(ends("Connection: a\r\nConnection: close\r\n"));
  EXPECT_FALSE(ends("Connection: keep-alive\r\n"));
  EXPECT_FALSE(ends("Connection: closed\r\n"));
  EXPECT_FALSE(ends("Proxy-Connection: close\r\n"));
  EXPECT_FALSE(ends("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"));

  EXPECT_TRUE(check(post("Expect: 100-Continue\r\nContent-Length: 1\r\n"))->expects_continue);
  EXPECT_FALSE(check(post("Expect: 100-continue\r\n"))->expects_continue);
  expect_refused({{post("Expect: 200-ok\r\n"), Fault::kExpectation}});
}

TEST(Fault, EachHasAStatusAndACode) {
  ASSERT_EQ(refusals().size(), kFaults);
  for (const Refusal& refused : refusals()) {
    EXPECT_GE(refused.status, 400U);
    EXPECT_FALSE(refused.code.empty());
    EXPECT_TRUE(refused.sentence.ends_with('.'));
  }
  EXPECT_EQ(refusal(Fault::kTargetTooLong).status, 414U);
  EXPECT_EQ(refusal(Fault::kHeaderTooLarge).status, 431U);
  EXPECT_EQ(refusal(Fault::kBodyTooLarge).status, 413U);
  EXPECT_EQ(refusal(Fault::kTimeout).status, 408U);
  EXPECT_EQ(refusal(Fault::kOverloaded).status, 503U);
  EXPECT_EQ(refusal(Fault::kHandler).status, 500U);
}

}  // namespace
}  // namespace peerpay::http
