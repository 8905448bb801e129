#include "api/http/answer.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

namespace peerpay::http {
namespace {

constexpr AnswerFraming kFraming{.date = "NOW", .request_id = "req_1"};

TEST(Answer, IsOneText) {
  Response response;
  response.set("X-A", "b");
  response.body = "body";
  EXPECT_EQ(wire_form(response, kFraming),
            "HTTP/1.1 200 OK\r\nDate: NOW\r\nRequest-Id: req_1\r\nX-A: b\r\n"
            "Content-Length: 4\r\n\r\nbody");
  AnswerFraming last = kFraming;
  last.is_last = true;
  last.omits_body = true;
  EXPECT_EQ(wire_form(response, last),
            "HTTP/1.1 200 OK\r\nDate: NOW\r\nRequest-Id: req_1\r\nX-A: b\r\n"
            "Content-Length: 4\r\nConnection: close\r\n\r\n");
}

TEST(Answer, SaysWhatIanaSaysOfAStatus) {
  // The registry "HTTP Status Codes", from RFC 9110 and RFC 6585.
  for (const auto& [status, phrase] : std::initializer_list<std::pair<unsigned, std::string>>{
           {201, "Created"},
           {303, "See Other"},
           {401, "Unauthorized"},
           {408, "Request Timeout"},
           {413, "Content Too Large"},
           {414, "URI Too Long"},
           {422, "Unprocessable Content"},
           {429, "Too Many Requests"},
           {431, "Request Header Fields Too Large"},
           {503, "Service Unavailable"},
           {505, "HTTP Version Not Supported"}}) {
    Response response;
    response.status = status;
    const auto line = "HTTP/1.1 " + std::to_string(status) + " " + phrase + "\r\n";
    EXPECT_TRUE(wire_form(response, kFraming).starts_with(line)) << line;
  }
}

TEST(Answer, HasNoBodyWhereTheStatusAllowsNone) {
  Response response;
  response.body = "would be read as the next answer";
  for (const unsigned status : {204U, 304U}) {
    response.status = status;
    const std::string text = wire_form(response, kFraming);
    EXPECT_TRUE(text.ends_with("Request-Id: req_1\r\n\r\n")) << text;
  }
}

TEST(Answer, RefusesWhatWouldBreakTheFraming) {
  Response response;
  EXPECT_TRUE(is_sendable(response));
  for (const Header& field :
       {Header{"X", "a\r\nY: b"}, Header{"X", "a\n"}, Header{"X\r\nY", "a"}, Header{"", "a"},
        Header{"X:", "a"}, Header{"X", std::string(1, '\0')}}) {
    response.headers = {field};
    EXPECT_FALSE(is_sendable(response)) << field.name << field.value;
  }
  response.headers.clear();
  response.status = 100;
  EXPECT_FALSE(is_sendable(response));
}

TEST(Answer, WritesChunks) {
  EXPECT_EQ(chunk("a"), "1\r\na\r\n");
  EXPECT_EQ(chunk(std::string(300, 'x')), "12c\r\n" + std::string(300, 'x') + "\r\n");
}

TEST(Answer, WritesDates) {
  // The example of RFC 9110 section 5.6.7.
  EXPECT_EQ(http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(951'782'400), "Tue, 29 Feb 2000 00:00:00 GMT");
}

}  // namespace
}  // namespace peerpay::http
