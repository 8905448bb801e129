#pragma once
// Endpoint: host and port as people write them: "127.0.0.1:26700", "[::1]:26700",
// "node.example:443".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace peerpay::base {

struct Endpoint {
  std::string host;  // a name or an IP address; IPv6 without brackets
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;

  // True when it can only be reached from this machine: 127.0.0.0/8, ::1, or "localhost". Other
  // names are not resolved, so they are not: this is what decides whether plain text may be spoken.
  [[nodiscard]] bool is_loopback() const;
  // "host:port", as it is parsed.
  [[nodiscard]] std::string text() const;
};

// Empty without a host, without a port from 0 to 65535, and for an IPv6 address without brackets.
[[nodiscard]] std::optional<Endpoint> parse_endpoint(std::string_view text);

}  // namespace peerpay::base
