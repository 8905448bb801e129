#pragma once
// Which addresses need no TLS: the one place that says so for a node.

#include <string_view>

namespace peerpay::net {

// True when `address` (host:port) can only be reached from this machine: localhost, 127.0.0.0/8 or
// [::1]. Names other than localhost are not resolved, so they are not.
[[nodiscard]] bool is_loopback(std::string_view address);

}  // namespace peerpay::net
