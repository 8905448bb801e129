#include "bench/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace peerpay::bench {
namespace {

constexpr std::uint32_t kFirstHost = 0x7f000002;  // 127.0.0.2

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(host);
  return out;
}

}  // namespace

os::Descriptor connect_from(LoopbackHost host, std::uint16_t port) {
  os::Descriptor out{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const int socket = out.number();
  const int yes = 1;
  // The port is chosen when connecting: else all hosts would share one range.
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  const auto from = address_of(kFirstHost + static_cast<std::uint32_t>(host.index), 0);
  const auto to = address_of(INADDR_LOOPBACK, port);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
      (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 &&
       errno != EINPROGRESS)) {
    return os::Descriptor{};
  }
  return out;
}

}  // namespace peerpay::bench
