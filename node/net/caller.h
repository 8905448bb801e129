#pragma once
// Caller: whose request something is, so that callers can be treated alike and told apart.

#include <string>
#include <string_view>

namespace peerpay::net {

// Whose an IP address is, as far as anybody can tell from it: IPv4 addresses are each one's own, of
// IPv6 whoever has one has all that share its first 64 bits ("2001:db8::/64"). What is no address
// stays as it is.
[[nodiscard]] std::string source_of(std::string_view address);

struct Caller {
  std::string host;        // source_of its address, which several clients may share
  std::string connection;  // of that host

  // From the other end of a connection as gRPC writes it: "ipv4:192.0.2.7:4711",
  // "ipv6:%5B2001:db8::1%5D:4711". Whatever else it may be is a host of its own.
  [[nodiscard]] static Caller at(std::string_view peer);
};

}  // namespace peerpay::net
