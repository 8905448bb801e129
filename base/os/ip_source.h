#pragma once
// Whose an IP address is, as far as anybody can tell from it: what limits for each client count by.

#include <string>
#include <string_view>

namespace peerpay::os {

// An IPv4 address is a source of its own, however it is written in IPv6: mapped (RFC 4291 section
// 2.5.5.2), translated (64:ff9b::/96, RFC 6052) or tunnelled (2002::/16, RFC 3056). Of any other
// IPv6 address the network of 64 bits, because whoever has one address of it has all:
// "2001:db8::/64". What is no address is its own source.
[[nodiscard]] std::string ip_source(std::string_view address);

}  // namespace peerpay::os
