#include "api/link/grpc_node_link.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <vector>

namespace peerpay::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

// Takes connections and says nothing, as a node behind a broken way does.
TEST(GrpcNodeLink, AStreamThatStaysSilentEndsWithThePatience) {
  asio::io_context loop{1};
  const tcp::endpoint any{asio::ip::address_v4::loopback(), 0};
  const tcp::acceptor mute{loop, any};
  const base::Endpoint at{"127.0.0.1", mute.local_endpoint().port()};
  const auto link = make_grpc_node_link(loop, at, std::nullopt);
  std::optional<Answer<proto::FinalizedBlock>> said;
  asio::co_spawn(
      loop,
      [](NodeLink& node, std::optional<Answer<proto::FinalizedBlock>>& out) -> Task<void> {
        auto stream = node.subscribe(ledger::Height{1});
        auto answer = co_await stream->next(base::milliseconds(50));
        out.emplace(std::move(answer));
        stream.reset();
        co_await node.stop();
      }(*link, said),
      [](const std::exception_ptr& exception) { EXPECT_FALSE(exception); });
  loop.run_for(std::chrono::seconds{8});
  ASSERT_TRUE(said.has_value());
  ASSERT_FALSE(said->has_value());
  EXPECT_EQ(said->error().fault, proto::NodeFault::kTimeout);
  EXPECT_NE(said->error().message.find("silent"), std::string::npos);
}

// Closes what comes at once, and tells when it came.
Task<void> count_visits(tcp::acceptor& door, std::vector<Clock::time_point>& visits) {
  while (visits.size() < 4) {
    auto visitor = co_await door.async_accept(asio::use_awaitable);
    visits.push_back(Clock::now());
  }
}

TEST(GrpcNodeLink, ANodeThatWasAwayForLongIsFoundSoon) {
  asio::io_context loop{1};
  tcp::acceptor door{loop, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
  const auto link =
      make_grpc_node_link(loop, {"127.0.0.1", door.local_endpoint().port()}, std::nullopt);
  std::vector<Clock::time_point> visits;
  asio::co_spawn(loop, count_visits(door, visits), asio::detached);
  const auto until = Clock::now() + std::chrono::seconds{20};
  while (visits.size() < 4 && Clock::now() < until) {
    EXPECT_FALSE(link->is_connected());  // and asks for a connection
    loop.run_for(std::chrono::milliseconds{20});
  }
  ASSERT_EQ(visits.size(), 4U);
  // Backing off without a limit of ours it would be 2.05 s, or more.
  EXPECT_LT(visits[3] - visits[2], std::chrono::seconds{2});
}

}  // namespace
}  // namespace peerpay::api
