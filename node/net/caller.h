#pragma once
// Caller: whose request something is, so that callers can be treated alike and told apart.

#include <string>
#include <string_view>

namespace peerpay::net {

struct Caller {
  std::string host;        // os::ip_source of its address, which several clients may share
  std::string connection;  // of that host

  // From the other end of a connection as gRPC writes it: "ipv4:192.0.2.7:4711",
  // "ipv6:%5B2001:db8::1%5D:4711". Whatever else it may be is a host of its own.
  [[nodiscard]] static Caller at(std::string_view peer);
};

}  // namespace peerpay::net
