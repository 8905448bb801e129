#pragma once
// TestServer: a real server on a free port of 127.0.0.1, its loop on a thread of its own.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api/http/server.h"

namespace peerpay::http::test {

// Answers "METHOD PATH BODY" as text, except:
//   /throw      throws
//   /broken     answers with a line feed in a header field
//   /hold       answers after release()
//   /large      answers with 8 MiB
//   /events     streams "data: N" for N of 1 to 3, then holds until release(), then ends
//   /quiet      streams a sign of life, then holds until release(), then ends
//   /failing    streams one event, then throws
// POST /long takes bodies of kLongBodyBytesMax; /unread wants none.
class TestServer {
 public:
  static constexpr std::size_t kLongBodyBytesMax = 100'000;

  explicit TestServer(const ServerLimits& limits = {});
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void release();
  // Begins to stop; ready when that is done.
  [[nodiscard]] std::future<void> stop(std::chrono::milliseconds patience);

  // What handlers saw, each as "METHOD PATH BODY".
  [[nodiscard]] std::vector<std::string> seen();
  [[nodiscard]] std::vector<std::string> failures();
  [[nodiscard]] ServerCounters counters();
  // Waits until they are so, and fails the test when they don't become so.
  void wait_for(const std::function<bool(const ServerCounters&)>& condition);

 private:
  friend class TestEvents;
  [[nodiscard]] Task<Response> handle(Request request);
  [[nodiscard]] Task<void> wait_for_release();
  // Runs on the loop and gives what comes out.
  template <class Function>
  auto on_loop(Function function) {
    return boost::asio::co_spawn(
               loop_, [&]() -> Task<decltype(function())> { co_return function(); },
               boost::asio::use_future)
        .get();
  }

  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      loop_.get_executor()};  // the loop goes on when the server has stopped
  boost::asio::steady_timer released_{loop_, std::chrono::steady_clock::time_point::max()};
  std::vector<std::string> seen_;
  std::vector<std::string> failures_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

}  // namespace peerpay::http::test
