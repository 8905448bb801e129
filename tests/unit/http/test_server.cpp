#include "tests/unit/http/test_server.h"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <utility>

namespace peerpay::http::test {
namespace {

namespace asio = boost::asio;

}  // namespace

class TestEvents : public EventSource {
 public:
  TestEvents(TestServer& server, std::string path) : server_{server}, path_{std::move(path)} {}

  Task<std::optional<std::string>> next() override {
    ++count_;
    if (path_ == "/failing" && count_ > 1) throw std::runtime_error{"no more events"};
    if (path_ == "/quiet" && count_ == 1) co_return std::string{};
    if (path_ != "/quiet" && count_ <= 3) co_return "data: " + std::to_string(count_) + "\n\n";
    co_await server_.wait_for_release();
    co_return std::nullopt;
  }

 private:
  TestServer& server_;
  std::string path_;
  int count_ = 0;
};

TestServer::TestServer(const ServerLimits& limits) {
  ServerSettings settings{.host = "127.0.0.1",
                          .port = 0,
                          .limits = limits,
                          .long_bodies = {},
                          .wants_body = {},
                          .on_handler_failure = {}};
  settings.long_bodies = {Method::kPost, "/long", kLongBodyBytesMax};
  settings.wants_body = [](const Request& request) { return request.path != "/unread"; };
  settings.on_handler_failure = [this](std::string_view id, std::string_view reason) {
    EXPECT_TRUE(id.starts_with("req_"));
    failures_.emplace_back(reason);
  };
  auto server = Server::listen(
      loop_, settings, [this](Request request) { return handle(std::move(request)); },
      [](const Refusal& refusal, std::string_view request_id) {
        Response response;
        response.set("Content-Type", "application/problem+json");
        response.body = std::string{refusal.code} + " " + std::string{request_id};
        return response;
      });
  EXPECT_TRUE(server.has_value());
  server_ = std::move(*server);
  port_ = server_->port();
  thread_ = std::jthread{[this] { loop_.run(); }};
}

TestServer::~TestServer() {
  on_loop([this] {
    server_.reset();
    released_.cancel();
    return true;
  });
  loop_.stop();
  thread_.join();
}

void TestServer::release() {
  on_loop([this] { return released_.expires_after(std::chrono::seconds{0}); });
}

std::future<void> TestServer::stop(std::chrono::milliseconds patience) {
  return asio::co_spawn(loop_, server_->stop(patience), asio::use_future);
}

std::vector<std::string> TestServer::seen() {
  return on_loop([this] { return seen_; });
}

std::vector<std::string> TestServer::failures() {
  return on_loop([this] { return failures_; });
}

ServerCounters TestServer::counters() {
  return on_loop([this] { return server_->counters(); });
}

void TestServer::wait_for(const std::function<bool(const ServerCounters&)>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!condition(counters())) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the counters never became so";
    std::this_thread::yield();
  }
}

Task<void> TestServer::wait_for_release() {
  while (released_.expiry() > std::chrono::steady_clock::now()) {
    const auto [error] = co_await released_.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (error && cancelled != asio::cancellation_type::none) co_return;
  }
}

Task<Response> TestServer::handle(Request request) {
  const std::string text =
      std::string{name(request.method)} + " " + request.path + " " + request.body;
  seen_.push_back(text);
  Response response;
  response.body = text;
  if (request.path == "/throw") throw std::runtime_error{"a secret of the handler"};
  if (request.path == "/broken") response.set("X-Broken", "a\nb");
  if (request.path == "/hold") co_await wait_for_release();
  if (request.path == "/large") response.body.assign(8U * 1024U * 1024U, 'x');
  if (request.path == "/events" || request.path == "/quiet" || request.path == "/failing") {
    response.set("Content-Type", "text/event-stream");
    response.events = std::make_unique<TestEvents>(*this, request.path);
  }
  co_return response;
}

}  // namespace peerpay::http::test
