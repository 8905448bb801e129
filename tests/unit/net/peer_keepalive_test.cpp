// Peers that fall silent without a word, and quiet ones that must not be taken for them.
#include <gtest/gtest.h>

#include <utility>

#include "tests/unit/net/members.h"
#include "tests/unit/net/tcp_proxy.h"

namespace peerpay::net {
namespace {

using namespace std::chrono_literals;

constexpr PeerIndex kA{0};
constexpr PeerIndex kB{1};

PeerLimits quick_limits() {
  PeerLimits limits;
  limits.keepalive_interval = 200ms;
  limits.keepalive_timeout = 400ms;
  return limits;
}

std::uint16_t port_of(const Peer& peer) {
  return static_cast<std::uint16_t>(std::stoi(peer.address.substr(peer.address.rfind(':') + 1)));
}

// Each of two members dials the other through a wire of its own.
struct PeerKeepalive : ::testing::Test {
  void SetUp() override {
    const std::string a_address = all[0]->as_peer.address;
    const std::string b_address = all[1]->as_peer.address;
    const auto through = [](std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); };
    all[1]->as_peer.address = through(to_b_port);
    start(*all[0], all, {.limits = quick_limits()});
    all[1]->as_peer.address = b_address;
    all[0]->as_peer.address = through(to_a_port);
    start(*all[1], all, {.limits = quick_limits()});
    all[0]->as_peer.address = a_address;
    ASSERT_TRUE(all[0]->recorder.wait_connected(kB));
    ASSERT_TRUE(all[1]->recorder.wait_connected(kA));
  }

  // Until that many pings of either side have passed on the wire to B, which has two connections.
  bool wait_pings(std::size_t count) {
    // A ping and its answer are two frames of 17 bytes, in TLS records of 22 bytes more.
    constexpr std::size_t kPingBytes = 2 * (17 + 22);
    const auto before = to_b.forwarded();
    return eventually([&] { return to_b.forwarded() > before + count * kPingBytes; });
  }

  std::vector<std::unique_ptr<Member>> all = make_members(2);
  std::uint16_t to_a_port = free_port();
  std::uint16_t to_b_port = free_port();
  TcpProxy to_a{to_a_port, port_of(all[0]->as_peer)};
  TcpProxy to_b{to_b_port, port_of(all[1]->as_peer)};
};

TEST_F(PeerKeepalive, ASilentPeerIsNoticedAndComesBack) {
  to_a.freeze(true);
  to_b.freeze(true);
  ASSERT_TRUE(all[0]->recorder.wait_connected(kB, false));
  ASSERT_TRUE(all[1]->recorder.wait_connected(kA, false));
  to_a.freeze(false);
  to_b.freeze(false);
  ASSERT_TRUE(all[0]->recorder.wait_connected(kB));
  ASSERT_TRUE(all[1]->recorder.wait_connected(kA));
  all[0]->network->send(kB, Priority::kVote, numbered(1));
  EXPECT_TRUE(all[1]->recorder.wait_messages(kA, 1));
}

// Not before some pings: gRPC bounds how many it sends without data, unless it is told otherwise.
TEST_F(PeerKeepalive, OneSilentDirectionIsEnoughAlsoAfterALongQuiet) {
  ASSERT_TRUE(wait_pings(20));
  to_b.freeze(true);
  EXPECT_TRUE(all[0]->recorder.wait_connected(kB, false));
  EXPECT_TRUE(all[1]->recorder.wait_connected(kA, false));
}

TEST_F(PeerKeepalive, AQuietLinkIsPingedAndStaysUp) {
  ASSERT_TRUE(wait_pings(40));
  EXPECT_EQ(all[0]->recorder.reports(), "+1");
  EXPECT_EQ(all[1]->recorder.reports(), "+0");
}

}  // namespace
}  // namespace peerpay::net
