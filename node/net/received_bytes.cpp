#include "node/net/received_bytes.h"

// Not <netinet/tcp.h>: its tcp_info ends before the field that counts here, and both can't be had.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace peerpay::net {

std::optional<std::uint64_t> received_bytes(int descriptor) {
  tcp_info info = {};
  socklen_t size = sizeof info;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  return info.tcpi_bytes_received;
}

std::uint64_t unread_bytes(int descriptor) {
  int bytes = 0;
  if (::ioctl(descriptor, FIONREAD, &bytes) != 0 || bytes < 0) return 0;
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace peerpay::net
