// Every row of the framing rules over a real socket: what is refused gets its status and a closed
// connection, and nothing behind it is ever read as a request.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/http/raw_client.h"
#include "tests/unit/http/test_server.h"

namespace peerpay::http::test {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

using Row = std::pair<std::string, unsigned>;

std::string post(std::string_view fields, std::string_view body = {}) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n" + std::string{body};
}

std::string get(std::string_view target) {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::vector<Row> refused_headers() {
  return {
      {post("Transfer-Encoding: gzip\r\n"), 400},
      {post("Transfer-Encoding: chunked, identity\r\n"), 400},
      {post("Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n", "hello"), 400},
      {post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400},
      {post("Content-Length: 5, 5\r\n", "hello"), 400},
      {post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400},
      {post("Content-Length: +5\r\n", "hello"), 400},
      {post("Content-Length: -1\r\n"), 400},
      {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {post("X: y\r\n folded\r\n"), 400},
      {post("Content-Length : 5\r\n", "hello"), 400},
      {"GET / HTTP/1.1\nHost: a\n\n", 400},
      {post("X: a\x01\r\n"), 400},
      {post(std::string{"X: a\0b\r\n", 8}), 400},
      {get("http://a/"), 400},
      {"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {get("/%zz"), 400},
      {get("/%00"), 400},
      {get("/a/../b"), 400},
      {get("/a//b"), 404},
      {get("/" + std::string(2'048, 'a')), 414},
      {"GET /" + std::string(9'000, 'a'), 414},
      {post("X: " + std::string(9'000, 'x') + "\r\n"), 431},
      {post("Content-Length: 65537\r\n"), 413},
      {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {post("Expect: a-miracle\r\nContent-Length: 5\r\n"), 417},
      {"\x16\x03\x01\x02", 400},
  };
}

std::vector<Row> refused_chunks() {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string chunk = "4000\r\n" + std::string(16'384, 'x') + "\r\n";
  return {
      {post(chunked, "0x5\r\nhello\r\n0\r\n\r\n"), 400},
      {post(chunked, "5\nhello\r\n0\r\n\r\n"), 400},
      {post(chunked, "5\r\nhelloX0\r\n\r\n"), 400},
      {post(chunked, "5;" + std::string(300, 'a') + "\r\nhello\r\n0\r\n\r\n"), 400},
      {post(chunked, "0\r\nT : x\r\n\r\n"), 400},
      {post(chunked, "10001\r\n"), 413},
      {post(chunked, chunk + chunk + chunk + chunk + "1\r\n"), 413},
  };
}

void expect_refused_and_closed(const std::vector<Row>& rows) {
  TestServer server;
  for (const auto& [bytes, status] : rows) {
    RawClient client{server.port()};
    client.send(bytes);
    client.send(kSmuggled);
    const auto answer = client.answer();
    ASSERT_TRUE(answer.has_value()) << bytes;
    EXPECT_EQ(answer->status, status) << bytes;
    EXPECT_TRUE(answer->has("\r\nConnection: close\r\n")) << bytes;
    EXPECT_TRUE(answer->has("\r\nRequest-Id: req_")) << bytes;
    EXPECT_NE(answer->body.find(" req_"), std::string::npos) << bytes;
    EXPECT_EQ(client.rest(), "") << bytes;
  }
  EXPECT_TRUE(server.seen().empty()) << server.seen().front();
  EXPECT_EQ(server.counters().requests_refused_by_gate, rows.size());
}

TEST(ServerFraming, RefusesHeadersAndCloses) { expect_refused_and_closed(refused_headers()); }

TEST(ServerFraming, RefusesChunksAndCloses) { expect_refused_and_closed(refused_chunks()); }

TEST(ServerFraming, RefusesTheSameByteByByte) {
  TestServer server;
  for (const auto& [bytes, status] : refused_headers()) {
    if (bytes.size() > 100) continue;
    RawClient client{server.port()};
    for (const char byte : bytes) client.send({&byte, 1});
    EXPECT_EQ(client.answer()->status, status) << bytes;
    EXPECT_EQ(client.rest(), "") << bytes;
  }
  EXPECT_TRUE(server.seen().empty());
}

TEST(ServerFraming, ReadsBodiesHoweverTheyArrive) {
  TestServer server;
  RawClient client{server.port()};
  const std::string bytes =
      post("Content-Length: 5\r\n", "hello") +
      post("Transfer-Encoding: chunked\r\n", "5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nT: x\r\n\r\n") +
      post("", "") + post("Upgrade: h2c\r\nConnection: Upgrade\r\n");
  const std::vector<std::string> bodies{"POST / hello", "POST / hello!", "POST / ", "POST / "};
  client.send(bytes);
  for (const std::string& body : bodies) EXPECT_EQ(client.answer()->body, body);
  for (const char byte : bytes) ASSERT_TRUE(client.send({&byte, 1}));
  for (const std::string& body : bodies) EXPECT_EQ(client.answer()->body, body);
}

TEST(ServerFraming, ReadsTheLargestBody) {
  TestServer server;
  RawClient client{server.port()};
  const std::string body(65'536, 'b');
  client.send(post("Content-Length: 65536\r\n", body));
  EXPECT_EQ(client.answer()->body, "POST / " + body);
  client.send(post("Transfer-Encoding: chunked\r\n", "10000\r\n" + body + "\r\n0\r\n\r\n"));
  EXPECT_EQ(client.answer()->body, "POST / " + body);
}

TEST(ServerFraming, OneResourceTakesLongerBodies) {
  TestServer server;
  const auto request = [](std::string_view line, const std::string& fields,
                          const std::string& body) {
    return std::string{line} + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
  };
  const auto length = [](std::size_t bytes) {
    return "Content-Length: " + std::to_string(bytes) + "\r\n";
  };
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string body(TestServer::kLongBodyBytesMax, 'b');
  RawClient client{server.port()};
  client.send(request("POST /long?a=b", length(body.size()), body));
  EXPECT_EQ(client.answer()->body, "POST /long " + body);
  client.send(request("POST /lon%67", chunked, "186a0\r\n" + body + "\r\n0\r\n\r\n"));
  EXPECT_EQ(client.answer()->body, "POST /long " + body);
  for (const std::string& refused :
       {request("POST /long", length(body.size() + 1), ""),
        request("POST /long", chunked, "186a1\r\n"), request("PUT /long", length(65'537), ""),
        request("POST /long/x", length(65'537), ""), request("POST /", length(65'537), ""),
        request("POST /", chunked, "10001\r\n")}) {
    RawClient other{server.port()};
    other.send(refused);
    EXPECT_EQ(other.answer()->status, 413U) << refused;
    EXPECT_EQ(other.rest(), "");
  }
}

TEST(ServerFraming, ContinuesOnlyWhatItTakes) {
  TestServer server;
  RawClient client{server.port()};
  client.send(post("Expect: 100-continue\r\nContent-Length: 5\r\n"));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  EXPECT_EQ(client.answer()->body, "POST / hello");

  client.send(post("Expect: 100-continue\r\nContent-Length: 70000\r\n"));
  EXPECT_EQ(client.answer()->status, 413U);
  EXPECT_EQ(client.rest(), "");
}

TEST(ServerFraming, AnswersHeadWithoutABody) {
  TestServer server;
  RawClient client{server.port()};
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + get("/y"));
  const auto head = client.answer(true);
  EXPECT_EQ(head->status, 200U);
  EXPECT_TRUE(head->has("\r\nContent-Length: 8\r\n"));
  EXPECT_EQ(client.answer()->body, "GET /y ");

  client.send("HEAD /x HTTP/1.1\r\nHost: a b\r\n\r\n");
  EXPECT_EQ(client.answer(true)->status, 400U);
  EXPECT_EQ(client.rest(), "");
}

TEST(ServerFraming, EndsHttp10AndCloseAfterOneAnswer) {
  TestServer server;
  for (const std::string_view request :
       {"GET /a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"}) {
    RawClient client{server.port()};
    client.send(request);
    client.send(kSmuggled);
    const auto answer = client.answer();
    EXPECT_EQ(answer->body, "GET /a ");
    EXPECT_TRUE(answer->has("\r\nConnection: close\r\n"));
    EXPECT_EQ(client.rest(), "");
  }
  EXPECT_EQ(server.seen(), (std::vector<std::string>{"GET /a ", "GET /a "}));
}

}  // namespace
}  // namespace peerpay::http::test
