#include "bench/swarm.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "base/endpoint.h"
#include "base/os/clock.h"
#include "base/os/descriptor.h"
#include "base/os/process.h"
#include "bench/loopback.h"

namespace peerpay::bench {
namespace {

// Beside the connections: of this process and its libraries.
constexpr std::size_t kDescriptorsOther = 200;
constexpr int kWaitMs = 10;
constexpr std::size_t kEventsMax = 256;

Result<void> allow_descriptors(std::size_t count) {
  const auto limit = os::raise_descriptor_limit();
  if (!limit) return fail(limit.error().sentence());
  if (*limit < count) {
    return fail(fmt::format(
        "{} descriptors are needed and the hard limit is {}: raise it (ulimit -Hn), or ask for "
        "fewer connections.",
        count, *limit));
  }
  return {};
}

class Swarm {
 public:
  Swarm(const SwarmPlan& plan, std::uint16_t port)
      : plan_{plan}, port_{port}, epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
    connections_.resize(plan.connections);
  }

  SwarmCounts run(Interruption& interruption) {
    while (!interruption.requested()) {
      reopen();
      std::array<epoll_event, kEventsMax> events{};
      const int count = ::epoll_wait(epoll_.number(), events.data(), kEventsMax, kWaitMs);
      for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        attend(event.data.u64, event.events);
      }
    }
    return counts_;
  }

 private:
  struct Connection {
    os::Descriptor socket;
    bool connected = false;
    std::uint32_t round = 0;
    std::string saying;
    std::size_t sent = 0;
    base::TimePoint open_again;
  };

  // The closed ones whose time has come.
  void reopen() {
    const auto now = os::read_clock().monotonic;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (!connections_[i].socket.is_open() && connections_[i].open_again <= now) open(i);
    }
  }

  void open(std::size_t index) {
    auto& connection = connections_[index];
    connection = {};
    connection.socket = connect_from({index % plan_.sources}, port_);
    if (!connection.socket.is_open()) return close(index);
    watch(index, EPOLL_CTL_ADD, true);
  }

  void watch(std::size_t index, int operation, bool wants_to_write) {
    epoll_event event{};
    event.events = static_cast<std::uint32_t>(EPOLLRDHUP) |
                   (plan_.reads ? static_cast<std::uint32_t>(EPOLLIN) : 0U) |
                   (wants_to_write ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
    event.data.u64 = index;
    ::epoll_ctl(epoll_.number(), operation, connections_[index].socket.number(), &event);
  }

  void attend(std::size_t index, std::uint32_t events) {
    auto& connection = connections_[index];
    if (!connection.socket.is_open()) return;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) return close(index);
    if ((events & EPOLLOUT) != 0 && !write(index)) return close(index);
    if ((events & EPOLLIN) != 0) discard(connection.socket);
    if ((events & EPOLLRDHUP) != 0) close(index);
  }

  // False when the connection has ended.
  bool write(std::size_t index) {
    auto& connection = connections_[index];
    if (!connection.connected) {
      connection.connected = true;
      ++counts_.opened;
      counts_.open_at_once = std::max(counts_.open_at_once, ++open_);
    }
    if (connection.sent == connection.saying.size()) {
      connection.saying = plan_.say(index, connection.round++);
      connection.sent = 0;
      if (connection.saying.empty()) {
        watch(index, EPOLL_CTL_MOD, false);
        return true;
      }
    }
    const auto sent =
        ::send(connection.socket.number(), connection.saying.data() + connection.sent,
               connection.saying.size() - connection.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    connection.sent += static_cast<std::size_t>(sent);
    counts_.bytes += static_cast<std::uint64_t>(sent);
    if (connection.sent == connection.saying.size()) ++counts_.sayings;
    return true;
  }

  static void discard(const os::Descriptor& socket) {
    std::array<char, 16 * 1024> buffer{};
    while (::recv(socket.number(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
    }
  }

  void close(std::size_t index) {
    auto& connection = connections_[index];
    if (connection.connected) {
      ++counts_.ended;
      --open_;
    }
    connection.socket = {};
    connection.connected = false;
    connection.open_again = os::read_clock().monotonic + plan_.reopen_after;
  }

  const SwarmPlan& plan_;
  const std::uint16_t port_;
  const os::Descriptor epoll_;
  std::vector<Connection> connections_;
  SwarmCounts counts_;
  std::uint64_t open_ = 0;
};

}  // namespace

Result<SwarmCounts> run_swarm(const SwarmPlan& plan, Interruption& interruption) {
  if (auto allowed = allow_descriptors(plan.connections + kDescriptorsOther); !allowed) {
    return base::Unexpected{allowed.error()};
  }
  const auto place = base::parse_endpoint(plan.address);
  if (!place) return fail(fmt::format("{} is not host:port.", plan.address));
  return Swarm{plan, place->port}.run(interruption);
}

}  // namespace peerpay::bench
