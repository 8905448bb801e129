#include "node/net/loopback.h"

#include <arpa/inet.h>

#include <string>

namespace peerpay::net {

bool is_loopback(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string host{address.substr(0, colon)};
  if (host == "localhost" || host == "[::1]") return true;
  in_addr parsed{};
  // Strictly four decimal numbers: what else the system would take for an address stays out.
  if (::inet_pton(AF_INET, host.c_str(), &parsed) != 1) return false;
  return (ntohl(parsed.s_addr) >> 24) == 127;
}

}  // namespace peerpay::net
