// The gate against a reader nobody here wrote: whatever the gate takes, Beast must read the same
// way, to the byte. Requests are made from parts that are good, odd or hostile.

#include <gtest/gtest.h>

#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>

#include "api/http/framing.h"
#include "base/rng.h"

namespace peerpay::http {
namespace {

namespace beast = boost::beast;

struct Reading {
  bool is_taken = false;
  std::string target;
  std::string body;
  std::size_t bytes = 0;  // of the request; what is behind belongs to the next
};

Reading read_with_gate(std::string_view bytes) {
  const FramingLimits limits;
  const auto end = find_header_end(bytes, limits);
  if (!end || !*end) return {};
  const auto head = check_header_block(bytes.substr(0, **end), limits);
  if (!head) return {};
  Reading reading{.target = head->path, .body = {}, .bytes = **end};
  if (!head->query.empty()) reading.target += "?" + head->query;
  const std::string_view rest = bytes.substr(**end);
  if (head->framing == BodyFraming::kLength) {
    reading.body = rest.substr(0, head->body_bytes);
    reading.is_taken = reading.body.size() == head->body_bytes;
    reading.bytes += head->body_bytes;
  } else if (head->framing == BodyFraming::kChunked) {
    ChunkedReader reader{head->body_bytes_max, limits.chunk_line_bytes_max};
    const auto taken = reader.take(rest, reading.body);
    reading.is_taken = taken.has_value() && reader.is_done();
    if (taken) reading.bytes += *taken;
  } else {
    reading.is_taken = true;
  }
  return reading;
}

Reading read_with_beast(std::string_view bytes) {
  beast::http::request_parser<beast::http::string_body> parser;
  parser.eager(true);
  beast::error_code error;
  Reading reading;
  while (reading.bytes < bytes.size() && !parser.is_done()) {
    const std::string_view rest = bytes.substr(reading.bytes);
    const std::size_t count = parser.put(boost::asio::buffer(rest.data(), rest.size()), error);
    if (error || count == 0) return {};
    reading.bytes += count;
  }
  if (!parser.is_done()) return {};
  reading.is_taken = true;
  reading.target = std::string{parser.get().target()};
  reading.body = parser.get().body();
  return reading;
}

template <std::size_t kCount>
std::string pick(base::Rng& rng, const std::array<std::string_view, kCount>& parts) {
  return std::string{parts.at(rng.below(kCount))};
}

std::string random_request(base::Rng& rng) {
  constexpr std::array<std::string_view, 4> kMethodNames{"GET", "POST", "POST", "DELETE"};
  constexpr std::array<std::string_view, 6> kTargets{"/",    "/a",        "/a/b?c=d",
                                                     "/a b", "http://a/", "*"};
  constexpr std::array<std::string_view, 5> kVersions{"HTTP/1.1", "HTTP/1.1", "HTTP/1.1",
                                                      "HTTP/1.0", "HTTP/1.2"};
  constexpr std::array<std::string_view, 17> kFields{"X: y\r\n",
                                                     "Content-Length: 5\r\n",
                                                     "Content-Length: 5\r\n",
                                                     "Content-Length: 05\r\n",
                                                     "Content-Length: 5, 5\r\n",
                                                     "Content-Length: +5\r\n",
                                                     "Transfer-Encoding: chunked\r\n",
                                                     "Transfer-Encoding: chunked\r\n",
                                                     "Transfer-Encoding: gzip\r\n",
                                                     "Transfer-Encoding: chunked, identity\r\n",
                                                     "Transfer-Encoding:\tchunked \r\n",
                                                     "Transfer-Encoding : chunked\r\n",
                                                     "X: y\r\n z\r\n",
                                                     "Connection: keep-alive\r\n",
                                                     "X:y\n",
                                                     "Expect: 100-continue\r\n",
                                                     "Host: b\r\n"};
  constexpr std::array<std::string_view, 9> kBodies{"hello",
                                                    "",
                                                    "5\r\nhello\r\n0\r\n\r\n",
                                                    "5;a=b\r\nhello\r\n0\r\n\r\n",
                                                    "0\r\n\r\n",
                                                    "2\r\nab\r\n3\r\ncde\r\n0\r\nT: x\r\n\r\n",
                                                    "0x5\r\nhello\r\n0\r\n\r\n",
                                                    "5\r\nhello\n0\r\n\r\n",
                                                    "05\r\nhello\r\n00\r\n\r\n"};
  std::string text = pick(rng, kMethodNames) + " " + pick(rng, kTargets) + " " +
                     pick(rng, kVersions) + "\r\nHost: a\r\n";
  for (std::uint64_t count = rng.below(3); count > 0; --count) text += pick(rng, kFields);
  text += "\r\n" + pick(rng, kBodies);
  // Sometimes a byte is changed, whichever.
  if (rng.below(4) == 0) text.at(rng.below(text.size())) = static_cast<char>(rng.below(256));
  return text + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
}

TEST(SecondReader, AgreesOnEverythingTheGateTakes) {
  constexpr std::uint64_t kSeed = 20'261'122;
  base::Rng rng{kSeed};
  std::size_t taken = 0;
  std::size_t with_body = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string bytes = random_request(rng);
    const Reading ours = read_with_gate(bytes);
    if (!ours.is_taken) continue;
    const Reading theirs = read_with_beast(bytes);
    ASSERT_TRUE(theirs.is_taken) << testing::PrintToString(bytes);
    ASSERT_EQ(ours.bytes, theirs.bytes) << testing::PrintToString(bytes);
    ASSERT_EQ(ours.body, theirs.body) << testing::PrintToString(bytes);
    if (bytes.find('%') == std::string::npos) {
      ASSERT_EQ(ours.target, theirs.target) << testing::PrintToString(bytes);
    }
    ++taken;
    if (!ours.body.empty()) ++with_body;
  }
  EXPECT_GT(taken, 10'000U);
  EXPECT_GT(with_body, 1'000U);
}

}  // namespace
}  // namespace peerpay::http
