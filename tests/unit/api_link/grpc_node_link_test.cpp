#include "api/link/grpc_node_link.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <exception>
#include <optional>

namespace peerpay::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

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

}  // namespace
}  // namespace peerpay::api
