#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "api/client/http_client.h"
#include "tests/support/eventually.h"
#include "tests/support/http/practice_server.h"

namespace peerpay::http {
namespace {

using namespace std::chrono_literals;
using test::PracticeServer;
using Connection = PracticeServer::Connection;

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok";
const ClientLimits kLoopback{.reach = Reach::kPublicAndLoopback, .deadline = 5s};

ClientRequest request_to(const PracticeServer& server, const std::string& host = "127.0.0.1") {
  ClientRequest request;
  request.url = *parse_url("http://" + host + ":" + std::to_string(server.port()) + "/hook?a=b");
  request.headers = {{"Content-Type", "application/json"}};
  request.body = "{}";
  return request;
}

// Sends `answer` once the request is there.
PracticeServer::Serve answering(std::string answer) {
  return [answer = std::move(answer)](Connection& connection) {
    if (!connection.read_request().empty()) connection.send(answer);
  };
}

ClientLimits within(std::chrono::milliseconds deadline) {
  auto limits = kLoopback;
  limits.deadline = deadline;
  return limits;
}

// What comes back when a server answers this.
base::Expected<ClientAnswer, ClientError> answer_of(std::string answer) {
  const PracticeServer server{answering(std::move(answer)), {}};
  return fetch_and_wait(request_to(server), kLoopback);
}

TEST(Fetch, SendsTheRequestAndReadsTheAnswer) {
  std::string seen;
  {
    const PracticeServer server{[&](Connection& connection) {
                                  seen = connection.read_request();
                                  connection.send(kOk);
                                },
                                {}};
    const auto answer = fetch_and_wait(request_to(server), kLoopback);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200U);
    EXPECT_EQ(answer->body, "ok");
    EXPECT_TRUE(answer->is_body_whole);
    EXPECT_EQ(answer->header("x-a"), "b");
    EXPECT_EQ(seen, "POST /hook?a=b HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                        "\r\nConnection: close\r\nContent-Type: application/json\r\n"
                        "Content-Length: 2\r\n\r\n{}");
  }
}

TEST(Fetch, NamesAreLookedUp) {
  const PracticeServer server{answering(std::string{kOk}), {}};
  const auto answer = fetch_and_wait(request_to(server, "localhost"), kLoopback);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200U);
}

TEST(Fetch, NothingReachesAForbiddenAddress) {
  const PracticeServer server{answering(std::string{kOk}), {}};
  for (const auto* const host : {"localhost", "127.0.0.1"}) {
    const auto answer = fetch_and_wait(request_to(server, host), {.deadline = 5s});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().fault, ClientFault::kForbiddenAddress);
  }
  EXPECT_EQ(server.connections(), 0U);
}

TEST(Fetch, ANameWithoutAddressIsUnresolved) {
  ClientRequest request;
  request.url = *parse_url("http://name.invalid/");
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = fetch_and_wait(request, within(2s));
  ASSERT_FALSE(answer);
  // Without a name server the resolver takes longer than anybody should wait.
  EXPECT_TRUE(answer.error().fault == ClientFault::kUnresolved ||
              answer.error().fault == ClientFault::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
}

TEST(Fetch, AClosedPortIsUnreachable) {
  ClientRequest request;
  {
    const PracticeServer server{answering(std::string{kOk}), {}};
    request = request_to(server);
  }
  const auto answer = fetch_and_wait(request, kLoopback);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, ClientFault::kUnreachable);
}

TEST(Fetch, RedirectsAreAnswers) {
  const PracticeServer other{answering(std::string{kOk}), {}};
  const auto answer = answer_of("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:" +
                                std::to_string(other.port()) + "/\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 307U);
  EXPECT_EQ(other.connections(), 0U);
}

TEST(Fetch, ASlowHeaderMeetsTheDeadline) {
  const PracticeServer server{[](Connection& connection) {
                                connection.read_request();
                                for (const char byte : kOk) {
                                  if (!connection.send({&byte, 1}) || !connection.wait(50ms))
                                    return;
                                }
                              },
                              {}};
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = fetch_and_wait(request_to(server), within(300ms));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, ClientFault::kTimeout);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 300ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1500ms) << "each byte must not buy more time";
}

TEST(Fetch, AServerThatNeverAnswersMeetsTheDeadline) {
  const PracticeServer server{[](Connection& connection) { connection.wait(60s); }, {}};
  const auto answer = fetch_and_wait(request_to(server), within(200ms));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, ClientFault::kTimeout);
}

TEST(Fetch, ASlowBodyIsCutAtTheDeadline) {
  const PracticeServer server{[](Connection& connection) {
                                connection.read_request();
                                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab");
                                connection.wait(60s);
                              },
                              {}};
  const auto answer = fetch_and_wait(request_to(server), within(300ms));
  ASSERT_TRUE(answer) << "it has answered";
  EXPECT_EQ(answer->status, 200U);
  EXPECT_EQ(answer->body, "ab");
  EXPECT_FALSE(answer->is_body_whole);
}

TEST(Fetch, ALongBodyIsCutAtTheBound) {
  auto limits = kLoopback;
  limits.answer_bytes_max = 10'000;
  for (const bool is_endless : {false, true}) {
    const PracticeServer server{
        [&](Connection& connection) {
          connection.read_request();
          connection.send(is_endless ? "HTTP/1.1 200 OK\r\n\r\n"
                                     : "HTTP/1.1 200 OK\r\nContent-Length: 10001\r\n\r\n");
          if (!is_endless) connection.send(std::string(10'001, 'a'));
          while (is_endless && connection.send(std::string(4096, 'a'))) {
          }
        },
        {}};
    const auto answer = fetch_and_wait(request_to(server), limits);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200U);
    EXPECT_EQ(answer->body, std::string(10'000, 'a'));
    EXPECT_FALSE(answer->is_body_whole);
  }
}

TEST(Fetch, ABodyOfExactlyTheBoundIsWhole) {
  auto limits = kLoopback;
  limits.answer_bytes_max = 3;
  for (const auto* const rest :
       {"Content-Length: 3\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "\r\nabc"}) {
    const PracticeServer server{answering(std::string{"HTTP/1.1 200 OK\r\n"} + rest), {}};
    const auto answer = fetch_and_wait(request_to(server), limits);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "abc") << rest;
    EXPECT_TRUE(answer->is_body_whole) << rest;
  }
}

TEST(Fetch, ABrokenBodyIsNotWhole) {
  for (const auto* const rest :
       {"Content-Length: 4\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx"}) {
    const auto answer = answer_of(std::string{"HTTP/1.1 204 OK\r\n"} + rest);
    ASSERT_TRUE(answer) << rest;
  }
  const auto answer = answer_of("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc");
  EXPECT_EQ(answer->body, "abc");
  EXPECT_FALSE(answer->is_body_whole);
}

TEST(Fetch, InterimAnswersArePassedOver) {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  std::string eight;
  for (int i = 0; i < 8; ++i) eight += interim;
  const auto answer = answer_of(eight + std::string{kOk});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200U);
  EXPECT_EQ(answer->body, "ok");
  EXPECT_EQ(answer->header("link"), std::nullopt);
  const auto endless = answer_of(eight + interim + std::string{kOk});
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().fault, ClientFault::kMalformed);
}

TEST(Fetch, WhatIsNoAnswerIsMalformed) {
  const std::string cases[] = {
      "",
      "HTTP/1.1 200",
      "SSH-2.0-OpenSSH\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
      "HTTP/1.1 099 No\r\n\r\n",
      "HTTP/1.1 600 No\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: " + std::string(17'000, 'a') + "\r\n\r\n",
  };
  for (const auto& text : cases) {
    const auto answer = answer_of(text);
    ASSERT_FALSE(answer) << text;
    EXPECT_EQ(answer.error().fault, ClientFault::kMalformed) << text;
  }
}

TEST(Fetch, CancellationEndsIt) {
  const PracticeServer server{[](Connection& connection) { connection.wait(60s); }, {}};
  boost::asio::io_context loop;
  boost::asio::cancellation_signal signal;
  std::optional<base::Expected<ClientAnswer, ClientError>> result;
  boost::asio::co_spawn(
      loop, [&]() -> Task<void> { result = co_await fetch(request_to(server), within(60s)); },
      boost::asio::bind_cancellation_slot(signal.slot(), [](const std::exception_ptr&) {}));
  EXPECT_TRUE(test::eventually(5s, [&] {
    loop.poll();
    return server.connections() == 1;
  }));
  signal.emit(boost::asio::cancellation_type::terminal);
  loop.run_for(5s);
  ASSERT_TRUE(result.has_value());
  EXPECT_FALSE(result->has_value());
}

}  // namespace
}  // namespace peerpay::http
