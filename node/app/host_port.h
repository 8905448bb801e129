#pragma once
// host:port as operators write it: "127.0.0.1:26700", "[::1]:26700", "node.example:26700".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace peerpay::app {

struct HostPort {
  std::string host;  // without brackets
  std::uint16_t port = 0;
};

// Empty without a host, or without a port from 0 to 65535.
[[nodiscard]] std::optional<HostPort> parse_host_port(std::string_view text);

}  // namespace peerpay::app
