#include "tests/unit/net/tcp_proxy.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <utility>

namespace peerpay::net {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

TcpProxy::TcpProxy(std::uint16_t listen_port, std::uint16_t target_port)
    : target_port_{target_port}, listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  const int reuse = 1;
  ::setsockopt(listener_.number(), SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  const auto address = loopback(listen_port);
  EXPECT_EQ(::bind(listener_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            0);
  EXPECT_EQ(::listen(listener_.number(), 16), 0);
  thread_ = std::thread{[this] { run(); }};
}

TcpProxy::~TcpProxy() {
  stopping_ = true;
  thread_.join();
}

void TcpProxy::run() {
  constexpr int kTickMs = 5;  // how soon freeze and stop are seen
  while (!stopping_) {
    std::vector<pollfd> waits{{.fd = listener_.number(), .events = POLLIN, .revents = 0}};
    for (const Wire& wire : wires_) {
      for (const auto& end : wire.ends) {
        // A negative number is skipped: what is frozen or closed stays in the kernel's buffers.
        const bool listens = wire.open && !frozen_;
        waits.push_back({.fd = listens ? end.number() : -1, .events = POLLIN, .revents = 0});
      }
    }
    ::poll(waits.data(), waits.size(), kTickMs);
    for (std::size_t i = 1; i < waits.size(); ++i) {
      if (waits[i].revents != 0) forward(wires_[(i - 1) / 2], (i - 1) % 2);
    }
    if (waits[0].revents != 0 && !frozen_) accept_one();
  }
}

void TcpProxy::accept_one() {
  Wire wire;
  wire.ends[0] = os::Descriptor{::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC)};
  wire.ends[1] = os::Descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto address = loopback(target_port_);
  // When the target is not there, dropping both ends tells the caller so.
  if (::connect(wire.ends[1].number(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) == 0) {
    wires_.push_back(std::move(wire));
  }
}

void TcpProxy::forward(Wire& wire, std::size_t from) {
  if (!wire.open) return;  // its other end broke in the same round
  std::array<char, 64 * 1024> buffer{};
  const auto size = ::recv(wire.ends[from].number(), buffer.data(), buffer.size(), 0);
  if (size > 0 && ::send(wire.ends[1 - from].number(), buffer.data(),
                         static_cast<std::size_t>(size), MSG_NOSIGNAL) == size) {
    forwarded_ += static_cast<std::size_t>(size);
    return;
  }
  wire.open = false;
  wire.ends[0] = {};
  wire.ends[1] = {};
}

}  // namespace peerpay::net
