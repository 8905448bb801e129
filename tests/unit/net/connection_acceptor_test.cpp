// Real sockets on 127.0.0.1.
#include "node/net/connection_acceptor.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/os/descriptor.h"
#include "node/net/connection_table.h"
#include "tests/support/eventually.h"

namespace peerpay::net {
namespace {

using os::Descriptor;

constexpr std::chrono::milliseconds kPatience{5'000};

Descriptor connect_silently_to(std::uint16_t port) {
  Descriptor out{::socket(AF_INET, SOCK_STREAM, 0)};
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(out.number(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  return out;
}

void say(const Descriptor& connection, const std::string& bytes) {
  EXPECT_EQ(::send(connection.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

Descriptor connect_to(std::uint16_t port) {
  auto out = connect_silently_to(port);
  say(out, "x");
  return out;
}

// Whether the other side has closed or refused it, now or soon.
bool is_ended(const Descriptor& connection) {
  char byte = 0;
  return ::recv(connection.number(), &byte, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET;
}

// As gRPC writes it.
std::string peer_of(const Descriptor& client) {
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  EXPECT_EQ(::getsockname(client.number(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return "ipv4:127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator open{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

// Keeps what it is handed, as gRPC would.
struct Server {
  explicit Server(std::size_t connections_max)
      : Server{AcceptorOptions{.address = "127.0.0.1:0", .connections_max = connections_max}} {}
  explicit Server(const AcceptorOptions& options) {
    auto opened = ConnectionAcceptor::open(options);
    acceptor = std::move(opened.value());
    acceptor->start([this](int descriptor) {
      const std::scoped_lock lock{mutex};
      held.emplace_back(descriptor);
    });
  }
  ~Server() { acceptor->stop(); }
  std::size_t count() {
    const std::scoped_lock lock{mutex};
    return held.size();
  }

  // What has come.
  void read_all() {
    const std::scoped_lock lock{mutex};
    char bytes[4096];
    for (const auto& each : held) {
      while (::recv(each.number(), bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
      }
    }
  }

  std::unique_ptr<ConnectionAcceptor> acceptor;
  std::mutex mutex;
  std::vector<Descriptor> held;  // guarded by mutex
};

TEST(ConnectionAcceptor, RefusesWhatIsAboveTheBoundUntilOthersEnd) {
  Server server{2};
  const auto first = connect_to(server.acceptor->port());
  const auto second = connect_to(server.acceptor->port());
  ASSERT_TRUE(test::eventually(kPatience, [&] { return server.count() == 2; }));
  const auto third = connect_to(server.acceptor->port());
  EXPECT_TRUE(test::eventually(kPatience, [&] { return is_ended(third); }));
  EXPECT_FALSE(is_ended(first));
  EXPECT_EQ(server.count(), 2U);

  {
    const std::scoped_lock lock{server.mutex};
    server.held.clear();
  }
  EXPECT_TRUE(test::eventually(kPatience, [&] {
    const auto again = connect_to(server.acceptor->port());
    const auto settled = [&] { return is_ended(again) || server.count() == 1; };
    return test::eventually(kPatience, settled) && server.count() == 1;
  }));
}

TEST(ConnectionAcceptor, HearsAgainAfterTheProcessWasOutOfDescriptors) {
  Server server{1000};
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  std::vector<Descriptor> flood;
  flood.reserve(8);
  for (int i = 0; i < 8; ++i) flood.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
  const auto next = static_cast<rlim_t>(Descriptor{::dup(0)}.number());
  const rlimit tight = {next + 2, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.acceptor->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (const auto& one : flood) {
    ASSERT_EQ(::connect(one.number(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    say(one, "x");
  }
  EXPECT_TRUE(test::eventually(kPatience, [&] { return server.count() > 0; }));
  EXPECT_LT(server.count(), 8U) << "no descriptor was left for the others";
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(test::eventually(kPatience, [&] {
    server.read_all();
    return server.count() == 8;
  }));
}

TEST(ConnectionAcceptor, KeepsWhoSaysNothingToItselfAndNotForLong) {
  Server server{{.address = "127.0.0.1:0",
                 .connections_max = 10,
                 .unused_bytes_max = 1'000'000,
                 .silent_max = base::milliseconds(300)}};
  const auto silent = connect_silently_to(server.acceptor->port());
  const auto talker = connect_to(server.acceptor->port());
  ASSERT_TRUE(test::eventually(kPatience, [&] { return server.count() == 1; }));
  EXPECT_TRUE(test::eventually(kPatience, [&] { return is_ended(silent); }));
  EXPECT_FALSE(is_ended(talker));
  EXPECT_EQ(server.count(), 1U);
}

TEST(ConnectionAcceptor, HandsStrangersOverInTurn) {
  Server server{10};
  const auto begin = std::chrono::steady_clock::now();
  std::vector<Descriptor> strangers;
  for (std::size_t i = 0; i < 6; ++i) strangers.push_back(connect_to(server.acceptor->port()));
  EXPECT_TRUE(test::eventually(kPatience, [&] {
    server.read_all();
    return server.count() > ConnectionTable::kTrialsMax;
  }));
  EXPECT_GE(std::chrono::steady_clock::now() - begin,
            std::chrono::microseconds{ConnectionTable::kQuietMax.microseconds});
  EXPECT_TRUE(test::eventually(kPatience, [&] {
    server.read_all();
    return server.count() == strangers.size();
  }));
}

// What is read long after it was received: the flood is what gRPC makes of it, not its arrival.
TEST(ConnectionAcceptor, NoticesAFloodThatCameBeforeItWasRead) {
  std::atomic<std::uint64_t> begun = 0;
  Server server{{.address = "127.0.0.1:0",
                 .connections_max = 10,
                 .unused_bytes_max = 1'000'000,
                 .counts = [&](const std::string&) {
                   return CallCounts{.messages = 0, .begun = begun, .answered = 0};
                 }}};
  const auto flooder = connect_silently_to(server.acceptor->port());
  say(flooder, std::string(30'000, 'x'));
  ASSERT_TRUE(test::eventually(kPatience, [&] { return server.count() == 1; }));
  // Until it is no longer on trial, when less would do.
  const auto settled_at = std::chrono::steady_clock::now() +
                          std::chrono::milliseconds{2 * ConnectionTable::kTrialMax.milliseconds()};
  while (std::chrono::steady_clock::now() < settled_at) ASSERT_FALSE(is_ended(flooder));
  begun = FloodWatch::kEmptyBurst + 1'000;
  server.read_all();
  EXPECT_TRUE(test::eventually(kPatience, [&] { return is_ended(flooder); }));
}

// gRPC reads a connection on the thread that hands it over for as long as more comes.
struct Captured {
  Captured() {
    acceptor->start([this](int descriptor) {
      const Descriptor connection{descriptor};
      char bytes[4096];
      is_captured = true;
      is_ended = test::eventually(kPatience, [&] {
        return ::recv(connection.number(), bytes, sizeof bytes, MSG_DONTWAIT) == 0;
      });
    });
  }
  void flood() const {
    (void)::send(flooder.number(), more.data(), more.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  std::unique_ptr<ConnectionAcceptor> acceptor =
      std::move(ConnectionAcceptor::open(
                    {.address = "127.0.0.1:0", .connections_max = 10, .unused_bytes_max = 100'000})
                    .value());
  const std::string more = std::string(1'000, 'x');
  std::atomic<bool> is_captured = false;
  std::atomic<bool> is_ended = false;
  const Descriptor flooder = connect_silently_to(acceptor->port());
};

TEST(ConnectionAcceptor, EndsAFloodThatKeepsTheThreadThatHandsItOver) {
  Captured server;
  EXPECT_TRUE(test::eventually(kPatience, [&] {
    server.flood();
    return server.is_ended.load();
  }));
  server.acceptor->stop();
}

TEST(ConnectionAcceptor, StopsUnderAFloodThatKeepsTheThreadThatHandsItOver) {
  Captured server;
  ASSERT_TRUE(test::eventually(kPatience, [&] {
    server.flood();
    return server.is_captured.load();
  }));
  const std::jthread goes_on{[&](const std::stop_token& stop) {
    while (!stop.stop_requested()) server.flood();
  }};
  server.acceptor->stop();
  EXPECT_TRUE(server.is_ended);
}

TEST(ConnectionAcceptor, LetsTheRefusedWaitBeforeItEndsThem) {
  Server server{{.address = "127.0.0.1:0", .connections_max = 10, .unused_bytes_max = 100}};
  const auto flooder = connect_silently_to(server.acceptor->port());
  say(flooder, std::string(200, 'x'));
  ASSERT_TRUE(test::eventually(kPatience, [&] {
    if (server.count() == 1) server.read_all();
    return is_ended(flooder);
  }));
  const auto begin = std::chrono::steady_clock::now();
  const auto again = connect_to(server.acceptor->port());
  EXPECT_TRUE(test::eventually(kPatience, [&] { return is_ended(again); }));
  EXPECT_GE(std::chrono::steady_clock::now() - begin,
            std::chrono::milliseconds{ConnectionTable::kRefusedFor.milliseconds()});
  EXPECT_EQ(server.count(), 1U);
}

// Whoever was cut off may have connected anew from the same port by then.
TEST(ConnectionAcceptor, KeepsNothingOfWhoIsCutOffBeforeItSpoke) {
  Server server{10};
  const auto before = open_descriptors();
  const auto client = connect_silently_to(server.acceptor->port());
  ASSERT_TRUE(test::eventually(kPatience, [&] {
    server.acceptor->cut_off(peer_of(client));
    return is_ended(client);
  }));
  EXPECT_TRUE(test::eventually(kPatience, [&] { return open_descriptors() == before + 1; }));
}

TEST(ConnectionAcceptor, NamesAnAddressThatItCannotHave) {
  Server server{1};
  const auto taken = "127.0.0.1:" + std::to_string(server.acceptor->port());
  const auto refused = ConnectionAcceptor::open({.address = taken, .connections_max = 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), "Cannot listen on " + taken + ": Address already in use.");
  EXPECT_FALSE(ConnectionAcceptor::open({.address = "192.0.2.1:0", .connections_max = 1}));
  EXPECT_FALSE(ConnectionAcceptor::open({.address = "no-port", .connections_max = 1}));
}

}  // namespace
}  // namespace peerpay::net
