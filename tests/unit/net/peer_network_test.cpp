// Members of one network, all honest: what is sent arrives, links come back, stopping is quick.
#include "node/net/peer_network.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/unit/net/members.h"

namespace peerpay::net {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr PeerIndex kA{0};
constexpr PeerIndex kB{1};

TEST(PeerNetwork, TwoMembersExchangeMessagesOfEveryPriority) {
  const auto all = make_members(2);
  start_all(all);
  const auto& [a, b] = std::tie(*all[0], *all[1]);
  std::uint32_t number = 0;
  for (const auto priority :
       {Priority::kVote, Priority::kBlock, Priority::kRepair, Priority::kTransaction}) {
    const auto message = numbered(++number);
    a.network->send(kB, priority, message);
    ASSERT_TRUE(b.recorder.wait_messages(kA, number));
    EXPECT_EQ(b.recorder.messages(kA).back(), *message);
    b.network->send(kA, priority, message);
    ASSERT_TRUE(a.recorder.wait_messages(kB, number));
    EXPECT_EQ(a.recorder.messages(kB).back(), *message);
  }
  EXPECT_EQ(a.recorder.reports(), "+1");
  EXPECT_EQ(b.recorder.reports(), "+0");
}

TEST(PeerNetwork, CarriesTheEmptyAndTheLargestMessage) {
  const auto all = make_members(2);
  start_all(all);
  const PeerLimits limits;
  auto largest = std::make_shared<base::Bytes>(limits.bulk.message_bytes_max);
  for (std::size_t i = 0; i < largest->size(); ++i) {
    (*largest)[i] = static_cast<std::uint8_t>(i * 131 >> 3);
  }
  all[0]->network->send(kB, Priority::kBlock, std::make_shared<const base::Bytes>());
  all[0]->network->send(kB, Priority::kBlock, largest);
  ASSERT_TRUE(all[1]->recorder.wait_messages(kA, 2));
  EXPECT_TRUE(all[1]->recorder.messages(kA)[0].empty());
  EXPECT_EQ(all[1]->recorder.messages(kA)[1], *largest);

  largest->push_back(0);
  all[0]->network->send(kB, Priority::kBlock, largest);
  EXPECT_EQ(all[0]->network->counters().dropped_too_large, 1U);
}

TEST(PeerNetwork, FourMembersHearAllOfEachOther) {
  const auto all = make_members(4);
  start_all(all);
  constexpr std::uint32_t kCount = 100;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    for (const auto& member : all) {
      member->network->send_together({{std::nullopt, Priority::kVote, numbered(i)}});
      member->network->send_together({{std::nullopt, Priority::kTransaction, numbered(i)}});
    }
  }
  for (const auto& member : all) {
    for (const auto& other : all) {
      if (member == other) continue;
      EXPECT_TRUE(member->recorder.wait_messages(other->as_peer.index, 2 * kCount));
    }
  }
}

TEST(PeerNetwork, KeepsTheOrderWithinAPriorityAndSendsSmallOnesTogether) {
  const auto all = make_members(2);
  start_all(all);
  constexpr std::uint32_t kCount = 1'500;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    all[0]->network->send(kB, Priority::kVote, numbered(i, 100));
    all[0]->network->send(kB, Priority::kRepair, numbered(i, 101));
    all[0]->network->send(kB, Priority::kTransaction, numbered(i, 102));
  }
  ASSERT_TRUE(all[1]->recorder.wait_messages(kA, 3 * kCount));
  std::map<std::size_t, std::uint32_t> next;  // by size, which tells the priority
  for (const auto& message : all[1]->recorder.messages(kA)) {
    EXPECT_EQ(number_of(message), next[message.size()]++);
  }
  const auto counters = all[0]->network->counters();
  EXPECT_EQ(counters.messages_sent, 3 * kCount);
  EXPECT_LT(counters.frames_sent, counters.messages_sent);
  EXPECT_EQ(all[1]->network->counters().messages_received, 3 * kCount);
}

TEST(PeerNetwork, DropsAndCountsWhatIsSentToNobody) {
  const auto all = make_members(2);
  start(*all[0], all);
  all[0]->network->send(kB, Priority::kVote, numbered(1));
  all[0]->network->send(kB, Priority::kBlock, numbered(1));
  all[0]->network->send(PeerIndex{77}, Priority::kBlock, numbered(1));
  const auto dropped = all[0]->network->counters().dropped_lane_down;
  EXPECT_EQ(dropped, (std::array<std::uint64_t, kPriorityCount>{1, 2, 0, 0}));
  EXPECT_EQ(all[0]->network->links()[0].queued_bytes, 0U);
}

TEST(PeerNetwork, ComesBackAfterThePeerWasStopped) {
  const auto all = make_members(2);
  start_all(all);
  for (int round = 1; round <= 3; ++round) {
    all[1]->network.reset();
    ASSERT_TRUE(all[0]->recorder.wait_connected(kB, false));
    EXPECT_FALSE(all[0]->network->links()[0].connected);

    start(*all[1], all);
    ASSERT_TRUE(all[0]->recorder.wait_connected(kB));
    ASSERT_TRUE(eventually([&] { return all[1]->network->links()[0].connected; }));
    const auto heard = all[1]->recorder.messages(kA).size();
    all[0]->network->send(kB, Priority::kVote, numbered(1));
    all[0]->network->send(kB, Priority::kBlock, numbered(2));
    EXPECT_TRUE(all[1]->recorder.wait_messages(kA, heard + 2));
  }
  EXPECT_EQ(all[0]->recorder.reports(), "+1-1+1-1+1-1+1");
  EXPECT_EQ(all[1]->recorder.times_replaced(kA), 0U) << "by itself";
  EXPECT_GE(all[0]->network->counters().dials_failed, 6U);
}

TEST(PeerNetwork, SaysThatAnotherProcessTakesItsPlaceWithItsKey) {
  const auto all = make_members(2);
  start_all(all);
  EXPECT_EQ(all[1]->recorder.times_replaced(kA), 0U);
  std::vector<std::unique_ptr<Member>> only_a;
  only_a.push_back(std::make_unique<Member>());
  only_a[0]->as_peer = all[0]->as_peer;
  Member twin;
  twin.as_peer = all[1]->as_peer;
  twin.as_peer.address = "127.0.0.1:" + std::to_string(free_port());  // which nobody dials
  twin.identity = copy(all[1]->identity);
  start(twin, only_a);
  EXPECT_TRUE(eventually([&] {
    return all[1]->recorder.times_replaced(kA) >= 3 && twin.recorder.times_replaced(kA) >= 3;
  })) << "each takes it from the other again";
  EXPECT_EQ(all[0]->recorder.times_replaced(kB), 0U);
}

TEST(PeerNetwork, ADeadPeerDoesNotDelayTheOthers) {
  const auto all = make_members(4);
  start(*all[0], all);
  start(*all[1], all);
  ASSERT_TRUE(all[0]->recorder.wait_connected(kB));
  for (std::uint32_t i = 0; i < 100; ++i)
    all[0]->network->send_together({{std::nullopt, Priority::kVote, numbered(i)}});
  EXPECT_TRUE(all[1]->recorder.wait_messages(kA, 100));
}

TEST(PeerNetwork, StopsAtOnceWhileEveryoneIsSending) {
  const auto all = make_members(3);
  start_all(all);
  std::atomic<bool> done = false;
  std::vector<std::thread> senders;
  senders.reserve(all.size());
  for (const auto& member : all) {
    senders.emplace_back([&network = *member->network, &done] {
      for (std::uint32_t i = 0; !done; ++i) {
        network.send_together({{std::nullopt, Priority::kVote, numbered(i)}});
        network.send_together({{std::nullopt, Priority::kBlock, numbered(i, 100'000)}});
      }
    });
  }
  ASSERT_TRUE(all[0]->recorder.wait_messages(kB, 200));
  for (const auto& member : all) {
    const auto start_time = Clock::now();
    member->network->stop();
    EXPECT_LT(Clock::now() - start_time, 1s);
    const auto heard = member->recorder.reports();
    member->network->stop();
    EXPECT_EQ(member->recorder.reports(), heard);
  }
  done = true;
  for (auto& sender : senders) sender.join();
}

TEST(PeerNetwork, CreditMayOutliveTheNetwork) {
  const auto all = make_members(2);
  start_all(all);
  all[1]->recorder.keep_credit(true);
  all[0]->network->send(kB, Priority::kBlock, numbered(1));
  ASSERT_TRUE(all[1]->recorder.wait_messages(kA, 1));
  all[1]->network.reset();
  all[1]->recorder.keep_credit(false);
}

TEST(PeerNetwork, StartRefusesWhatCannotWork) {
  const auto all = make_members(2);
  const auto options = [&] {
    return PeerNetworkOptions{.listen_address = "127.0.0.1:0",
                              .identity = copy(all[0]->identity),
                              .chain = kTestChain,
                              .peers = {all[1]->as_peer},
                              .limits = {},
                              .seed = 0};
  };
  const auto refusal = [&](PeerNetworkOptions bad) {
    auto started = PeerNetwork::start(std::move(bad), all[0]->recorder);
    return started ? std::string{"started"} : started.error().sentence;
  };
  EXPECT_EQ(refusal(options()), "started");

  auto bad = options();
  bad.identity.key_pem = copy(all[1]->identity).key_pem;
  EXPECT_EQ(refusal(std::move(bad)), "The TLS certificate does not belong to the TLS key.");
  bad = options();
  bad.peers.push_back(all[1]->as_peer);
  EXPECT_EQ(refusal(std::move(bad)), "Peer member-1 is named twice.");
  bad = options();
  bad.peers[0].pin = all[0]->as_peer.pin;
  EXPECT_EQ(refusal(std::move(bad)),
            "Peer member-1 has the TLS key of another member, or of this node.");
  bad = options();
  bad.limits.handshake_timeout = 0ms;
  EXPECT_EQ(refusal(std::move(bad)), "The handshake timeout must be positive.");

  start(*all[1], all);
  bad = options();
  bad.listen_address = all[1]->as_peer.address;
  EXPECT_EQ(refusal(std::move(bad)),
            "Peers: Cannot listen on " + all[1]->as_peer.address + ": Address already in use.");
}

}  // namespace
}  // namespace peerpay::net
