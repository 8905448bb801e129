// The server's connections: order, limits, deadlines, failures and its end.

#include "api/http/server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/http/raw_client.h"
#include "tests/unit/http/test_server.h"

namespace peerpay::http::test {
namespace {

using std::chrono::milliseconds;

std::string get(std::string_view path) {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  RawClient client{server.port()};
  std::string bytes = get("/hold");
  for (int i = 0; i < 500; ++i) bytes += get("/" + std::to_string(i));
  client.send(bytes);
  server.wait_for([](const ServerCounters& counters) { return counters.requests_under_way == 1; });
  server.release();
  EXPECT_EQ(client.answer()->body, "GET /hold ");
  std::set<std::string> ids;
  for (int i = 0; i < 500; ++i) {
    const auto answer = client.answer();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "GET /" + std::to_string(i) + " ");
    EXPECT_TRUE(answer->has("\r\nDate: "));
    const std::size_t id = answer->head.find("Request-Id: ");
    ids.insert(answer->head.substr(id, answer->head.find('\r', id) - id));
  }
  EXPECT_EQ(ids.size(), 500U);
}

TEST(Server, AnswersAClientThatHasFinishedSending) {
  TestServer server;
  RawClient client{server.port()};
  client.send(get("/a"));
  client.finish_sending();
  EXPECT_EQ(client.answer()->body, "GET /a ");
  EXPECT_EQ(client.rest(), "");
}

TEST(Server, KeepsAHandlersFailureToItself) {
  TestServer server;
  RawClient client{server.port()};
  for (const std::string path : {"/throw", "/broken"}) {
    client.send(get(path));
    const auto answer = client.answer();
    EXPECT_EQ(answer->status, 500U);
    EXPECT_TRUE(answer->body.starts_with("internal_error req_")) << answer->body;
  }
  client.send(get("/after"));
  EXPECT_EQ(client.answer()->body, "GET /after ");
  EXPECT_EQ(server.failures(),
            (std::vector<std::string>{"a secret of the handler", "the answer breaks the framing"}));
  EXPECT_EQ(server.counters().handler_failures, 2U);
}

// Sends a byte every few milliseconds until something comes back.
void trickle(const RawClient& client, char byte) {
  while (!client.is_readable_within(5)) {
    if (!client.send({&byte, 1})) return;
  }
}

TEST(Server, CutsAHeaderThatTricklesIn) {
  TestServer server{{.header_deadline = milliseconds{100}}};
  RawClient client{server.port()};
  client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
  trickle(client, 'x');
  EXPECT_EQ(client.answer()->status, 408U);
  EXPECT_EQ(client.rest(), "");
  EXPECT_TRUE(server.seen().empty());
  EXPECT_EQ(server.counters().requests_timed_out, 1U);
}

TEST(Server, CutsABodyThatTricklesIn) {
  TestServer server{{.request_deadline = milliseconds{150}}};
  for (const std::string_view framing :
       {"Content-Length: 60000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nEA60\r\n"}) {
    RawClient client{server.port()};
    client.send("POST / HTTP/1.1\r\nHost: a\r\n" + std::string{framing});
    trickle(client, 'x');
    EXPECT_EQ(client.answer()->status, 408U);
    EXPECT_EQ(client.rest(), "");
  }
  EXPECT_TRUE(server.seen().empty());
}

TEST(Server, ClosesWhatIsIdleWithoutAWord) {
  TestServer server{{.idle_deadline = milliseconds{60}}};
  RawClient silent{server.port()};
  EXPECT_EQ(silent.rest(), "");
  RawClient client{server.port()};
  client.send(get("/a"));
  EXPECT_EQ(client.answer()->status, 200U);
  EXPECT_EQ(client.rest(), "");
  server.wait_for([](const ServerCounters& counters) { return counters.connections_open == 0; });
}

TEST(Server, ClosesOnAClientThatDoesNotRead) {
  TestServer server{{.write_deadline = milliseconds{60}}};
  RawClient client{server.port()};
  client.send(get("/large"));
  server.wait_for([](const ServerCounters& counters) {
    return counters.requests == 1 && counters.connections_open == 0;
  });
  EXPECT_LT(client.rest().size(), 8U * 1024U * 1024U);
}

TEST(Server, BoundsConnections) {
  for (const ServerLimits& limits :
       {ServerLimits{.connections_max = 2}, ServerLimits{.connections_per_address_max = 2}}) {
    TestServer server{limits};
    auto first = std::make_unique<RawClient>(server.port());
    RawClient second{server.port()};
    server.wait_for([](const ServerCounters& counters) { return counters.connections_open == 2; });
    RawClient third{server.port()};
    const auto answer = third.answer();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 503U);
    EXPECT_TRUE(answer->has("\r\nRetry-After: 1\r\n"));
    EXPECT_EQ(third.rest(), "");
    first.reset();
    server.wait_for([](const ServerCounters& counters) { return counters.connections_open == 1; });
    RawClient fourth{server.port()};
    fourth.send(get("/a"));
    EXPECT_EQ(fourth.answer()->status, 200U);
    EXPECT_EQ(server.counters().connections_refused, 1U);
  }
}

TEST(Server, BoundsRequestsOfAConnection) {
  TestServer server{{.requests_per_connection_max = 3}};
  RawClient client{server.port()};
  for (int i = 0; i < 5; ++i) client.send(get("/a"));
  EXPECT_FALSE(client.answer()->has("Connection: close"));
  EXPECT_FALSE(client.answer()->has("Connection: close"));
  EXPECT_TRUE(client.answer()->has("Connection: close"));
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(server.seen().size(), 3U);
}

TEST(Server, BoundsRequestsUnderWay) {
  TestServer server{{.requests_under_way_max = 1}};
  RawClient holder{server.port()};
  holder.send(get("/hold"));
  server.wait_for([](const ServerCounters& counters) { return counters.requests_under_way == 1; });
  RawClient client{server.port()};
  client.send(get("/a"));
  const auto answer = client.answer();
  EXPECT_EQ(answer->status, 503U);
  EXPECT_TRUE(answer->has("\r\nRetry-After: 1\r\n"));
  server.release();
  EXPECT_EQ(holder.answer()->status, 200U);
  client.send(get("/a"));
  EXPECT_EQ(client.answer()->status, 200U);
  EXPECT_EQ(server.counters().requests_overloaded, 1U);
}

// Bodies that no single read can take.
std::string long_post(std::string_view path, std::size_t bytes) {
  return "POST " + std::string{path} +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
}

TEST(Server, BoundsTheBytesOfBodies) {
  TestServer server{{.body_bytes_held_max = 20'000}};
  RawClient client{server.port()};
  client.send(long_post("/", 25'000) + std::string(22'000, 'x'));
  EXPECT_EQ(client.answer()->status, 503U);
  EXPECT_EQ(client.rest(), "");
  RawClient next{server.port()};
  next.send(long_post("/", 19'000) + std::string(19'000, 'x'));
  EXPECT_EQ(next.answer()->status, 200U);
}

TEST(Server, CountsBodiesUntilTheyAreAnswered) {
  TestServer server{{.body_bytes_held_max = 20'000}};
  const std::string body(19'000, 'x');
  RawClient holder{server.port()};
  holder.send(long_post("/hold", body.size()) + body);
  server.wait_for([](const ServerCounters& counters) { return counters.requests_under_way == 1; });
  RawClient client{server.port()};
  client.send(long_post("/", body.size()) + body);
  EXPECT_EQ(client.answer()->status, 503U);
  server.release();
  EXPECT_EQ(holder.answer()->status, 200U);
  RawClient next{server.port()};
  next.send(long_post("/", body.size()) + body);
  EXPECT_EQ(next.answer()->status, 200U);
}

TEST(Server, WhoSendsSlowlyGivesWayToOthers) {
  TestServer server{{.body_bytes_held_max = 20'000}};
  RawClient slow{server.port()};
  slow.send(long_post("/", 13'000) + std::string(12'000, 'x'));
  server.wait_for([](const ServerCounters& counters) { return counters.connections_open == 1; });
  RawClient other{server.port()};
  other.send(long_post("/", 19'000) + std::string(18'999, 'x'));
  EXPECT_EQ(slow.answer()->status, 503U);
  EXPECT_EQ(slow.rest(), "");
  other.send("x");
  EXPECT_EQ(other.answer()->status, 200U);
  EXPECT_EQ(server.counters().requests_overloaded, 1U);
}

TEST(Server, DoesNotWaitForBodiesThatNobodyWants) {
  TestServer server{{.body_bytes_held_max = 20'000}};
  const std::string head = "POST /unread HTTP/1.1\r\nHost: a\r\n";
  const std::string piece(15'000, 'x');
  std::vector<std::unique_ptr<RawClient>> senders;
  for (const std::string& request :
       {long_post("/unread", 30'000) + piece, long_post("/unread", 30'000) + piece,
        head + "Transfer-Encoding: chunked\r\n\r\n7530\r\n" + piece,
        head + "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n"}) {
    senders.push_back(std::make_unique<RawClient>(server.port()));
    senders.back()->send(request);
    const auto answer = senders.back()->answer();
    EXPECT_EQ(answer->body, "POST /unread ");
    EXPECT_TRUE(answer->has("\r\nConnection: close\r\n"));
    senders.back()->send(get("/smuggled"));
  }
  RawClient client{server.port()};
  client.send(long_post("/", 19'000) + std::string(19'000, 'x'));
  EXPECT_EQ(client.answer()->status, 200U);
  for (const auto& sender : senders) EXPECT_EQ(sender->rest(), "");
  EXPECT_EQ(server.seen().size(), senders.size() + 1);
}

TEST(Server, TakesBodiesThatAreThereAlready) {
  TestServer server;
  RawClient client{server.port()};
  client.send(long_post("/unread", 5) + "hello");
  const auto answer = client.answer();
  EXPECT_EQ(answer->body, "POST /unread hello");
  EXPECT_FALSE(answer->has("Connection: close"));
  client.send(get("/a"));
  EXPECT_EQ(client.answer()->status, 200U);
}

TEST(Server, KeepsNoPlaceForBodiesWhileItStreams) {
  TestServer server{{.body_bytes_held_max = 20'000}};
  const std::string body(19'000, 'x');
  RawClient listener{server.port()};
  listener.send(long_post("/quiet", body.size()) + body);
  EXPECT_NE(listener.read_until(": \n\n"), "");
  RawClient client{server.port()};
  client.send(long_post("/", body.size()) + body);
  EXPECT_EQ(client.answer()->status, 200U);
}

TEST(Server, SurvivesAShortageOfDescriptors) {
  TestServer server;
  RawClient waiting{server.port()};
  waiting.send(get("/a"));
  ASSERT_EQ(waiting.answer()->status, 200U);

  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  RawClient late{server.port()};
  server.wait_for([](const ServerCounters& counters) { return counters.connections_open == 2; });
  // No number is left for what connects now: the lowest free one is the limit.
  const int lowest_free = ::dup(0);
  auto client_socket = std::make_unique<RawClient>(server.port());
  server.wait_for([](const ServerCounters& counters) { return counters.connections_open == 3; });
  ::close(lowest_free);
  std::vector<int> fillers;
  const rlimit tight{.rlim_cur = 64, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  for (int filler = ::dup(0); filler >= 0; filler = ::dup(0)) fillers.push_back(filler);
  ASSERT_FALSE(fillers.empty());
  ::close(fillers.back());
  fillers.pop_back();
  const auto begin = std::chrono::steady_clock::now();
  RawClient refused{server.port()};  // takes the last number: none for the server's side
  refused.send(get("/later"));
  server.wait_for([](const ServerCounters& counters) { return counters.accept_pauses >= 3; });
  const auto pauses = server.counters().accept_pauses;
  const auto elapsed = std::chrono::steady_clock::now() - begin;
  EXPECT_LE(pauses, static_cast<std::uint64_t>(elapsed / milliseconds{100}) + 1);
  waiting.send(get("/meanwhile"));
  EXPECT_EQ(waiting.answer()->status, 200U);
  for (const int filler : fillers) ::close(filler);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(refused.answer()->body, "GET /later ");
}

TEST(Server, SaysWhyItCanNotListen) {
  const TestServer server;
  boost::asio::io_context loop{1};
  const auto listen = [&](const std::string& host, std::uint16_t port) {
    return Server::listen(
        loop, {.host = host, .port = port, .limits = {}, .on_handler_failure = {}}, {}, {});
  };
  const auto taken = listen("127.0.0.1", server.port());
  ASSERT_FALSE(taken.has_value());
  EXPECT_NE(taken.error().find("Address already in use"), std::string::npos) << taken.error();
  const auto no_address = listen("localhost", 0);
  ASSERT_FALSE(no_address.has_value());
  EXPECT_EQ(no_address.error(), "\"localhost\" is no IP address.");
}

TEST(ServerStop, FinishesWhatIsUnderWay) {
  TestServer server;
  RawClient idle{server.port()};
  RawClient busy{server.port()};
  busy.send(get("/hold"));
  server.wait_for([](const ServerCounters& counters) {
    return counters.requests_under_way == 1 && counters.connections_open == 2;
  });
  std::future<void> stopped = server.stop(std::chrono::seconds{20});
  EXPECT_EQ(idle.rest(), "");
  EXPECT_EQ(stopped.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  server.release();
  const auto answer = busy.answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "GET /hold ");
  EXPECT_TRUE(answer->has("\r\nConnection: close\r\n"));
  EXPECT_EQ(busy.rest(), "");
  stopped.get();
  EXPECT_EQ(server.counters().connections_open, 0U);
}

TEST(ServerStop, CutsTheRestWhenPatienceIsOver) {
  TestServer server;
  RawClient client{server.port()};
  client.send(get("/hold"));
  server.wait_for([](const ServerCounters& counters) { return counters.requests_under_way == 1; });
  server.stop(milliseconds{30}).get();
  EXPECT_EQ(client.rest(), "");
  server.wait_for([](const ServerCounters& counters) {
    return counters.connections_open == 0 && counters.requests_under_way == 0;
  });
  EXPECT_TRUE(server.failures().empty());
}

TEST(ServerEvents, StreamsPiecesAsChunks) {
  TestServer server;
  RawClient client{server.port()};
  client.send(get("/events"));
  const auto head = client.answer();
  EXPECT_TRUE(head->has("\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(head->has("Content-Length"));
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(client.read_until("\n\n\r\n"), "9\r\ndata: " + std::to_string(i) + "\n\n\r\n");
  }
  server.release();
  EXPECT_EQ(client.rest(), "0\r\n\r\n");
}

TEST(ServerEvents, GivesSignsOfLife) {
  TestServer server;
  RawClient client{server.port()};
  client.send(get("/quiet"));
  EXPECT_EQ(client.answer()->status, 200U);
  EXPECT_EQ(client.read_until("\n\n\r\n"), "4\r\n: \n\n\r\n");
}

TEST(ServerEvents, EndsWithTheClient) {
  TestServer server;
  for (const bool is_abrupt : {false, true}) {
    RawClient client{server.port()};
    client.send(get("/quiet"));
    EXPECT_EQ(client.read_until("\n\n\r\n").substr(0, 8), "HTTP/1.1");
    if (is_abrupt) {
      client.reset();
    } else {
      client.finish_sending();
      EXPECT_EQ(client.rest(), "0\r\n\r\n");
    }
    server.wait_for([](const ServerCounters& counters) { return counters.connections_open == 0; });
  }
}

TEST(ServerEvents, EndsWithTheServer) {
  TestServer server;
  RawClient client{server.port()};
  client.send(get("/quiet"));
  EXPECT_EQ(client.read_until("\n\n\r\n").substr(0, 8), "HTTP/1.1");
  std::future<void> stopped = server.stop(std::chrono::seconds{20});
  EXPECT_EQ(client.rest(), "0\r\n\r\n");
  stopped.get();
}

TEST(ServerEvents, LeavesAFailedStreamWithoutItsEnd) {
  TestServer server;
  RawClient client{server.port()};
  client.send(get("/failing"));
  const std::string all = client.rest();
  EXPECT_TRUE(all.ends_with("9\r\ndata: 1\n\n\r\n")) << all;
  EXPECT_EQ(server.failures(), std::vector<std::string>{"no more events"});
}

TEST(ServerEvents, SendsHttp10AStreamWithoutChunks) {
  TestServer server;
  RawClient client{server.port()};
  client.send("GET /events HTTP/1.0\r\nHost: a\r\n\r\n");
  EXPECT_FALSE(client.answer()->has("Transfer-Encoding"));
  EXPECT_EQ(client.read_until("data: 3\n\n"), "data: 1\n\ndata: 2\n\ndata: 3\n\n");
}

TEST(ServerEvents, AnswersHeadWithoutTheStream) {
  TestServer server;
  RawClient client{server.port()};
  client.send("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.answer()->status, 200U);
  EXPECT_EQ(client.rest(), "");
}

}  // namespace
}  // namespace peerpay::http::test
