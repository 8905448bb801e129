#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "api/client/http_client.h"

namespace peerpay::http {
namespace {

struct Network4 {
  std::array<std::uint8_t, 4> bytes;
  unsigned prefix_bits;
};
using Bytes16 = std::array<std::uint8_t, 16>;
struct Network6 {
  Bytes16 bytes;
  unsigned prefix_bits;
};

// What is not globally reachable by the IANA registry of special-purpose IPv4 addresses, and two
// that it does not know. Listed in docs/spec/webhooks.md.
constexpr Network4 kForbidden4[] = {
    {{0, 0, 0, 0}, 8},         // "this network"
    {{10, 0, 0, 0}, 8},        // private (RFC 1918)
    {{100, 64, 0, 0}, 10},     // carrier-grade NAT
    {{127, 0, 0, 0}, 8},       // loopback
    {{168, 63, 129, 16}, 32},  // the platform address inside Azure machines
    {{169, 254, 0, 0}, 16},    // link-local, with the metadata services of clouds
    {{172, 16, 0, 0}, 12},     // private
    {{192, 0, 0, 0}, 24},      // protocol assignments
    {{192, 0, 2, 0}, 24},      // documentation
    {{192, 88, 99, 0}, 24},    // 6to4 relays
    {{192, 168, 0, 0}, 16},    // private
    {{198, 18, 0, 0}, 15},     // benchmarking
    {{198, 51, 100, 0}, 24},   // documentation
    {{203, 0, 113, 0}, 24},    // documentation
    {{224, 0, 0, 0}, 4},       // multicast
    {{240, 0, 0, 0}, 4},       // reserved, and broadcast
};

// All that IANA has given out as global unicast. Outside of it are loopback, ::/96, ::ffff:0:0/96,
// 64:ff9b::/96 and 64:ff9b:1::/48, 100::/64, fc00::/7, fe80::/10, ff00::/8.
constexpr Network6 kGlobal6 = {{0x20}, 3};
// Inside of it: some of these carry an IPv4 address, which a gateway on the way would unpack.
constexpr Network6 kForbidden6[] = {
    {{0x20, 0x01}, 23},              // protocol assignments, with Teredo 2001::/32
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4
    {{0x3f, 0xff}, 20},              // documentation
};

constexpr Network4 kLoopback4 = {{127, 0, 0, 0}, 8};
constexpr Network6 kLoopback6 = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128};

template <class Network, class Address>
bool contains(const Network& network, const Address& address) {
  for (unsigned bit = 0; bit < network.prefix_bits; ++bit) {
    const auto mask = 0x80U >> (bit % 8);
    if ((network.bytes[bit / 8] & mask) != (address[bit / 8] & mask)) return false;
  }
  return true;
}

template <class Networks, class Address>
bool is_in_any(const Networks& networks, const Address& address) {
  return std::ranges::any_of(networks,
                             [&](const auto& network) { return contains(network, address); });
}

struct Place {
  bool is_loopback;
  bool is_public;
};

std::optional<Place> place_of(const std::string& address) {
  std::array<std::uint8_t, 4> bytes4{};
  if (inet_pton(AF_INET, address.c_str(), bytes4.data()) == 1) {
    return Place{contains(kLoopback4, bytes4), !is_in_any(kForbidden4, bytes4)};
  }
  Bytes16 bytes6{};
  if (inet_pton(AF_INET6, address.c_str(), bytes6.data()) == 1) {
    return Place{contains(kLoopback6, bytes6),
                 contains(kGlobal6, bytes6) && !is_in_any(kForbidden6, bytes6)};
  }
  return std::nullopt;
}

}  // namespace

bool is_reachable(Reach reach, std::string_view address) {
  if (address.find('\0') != std::string_view::npos) return false;  // inet_pton would stop there
  const auto place = place_of(std::string{address});
  if (!place) return false;
  switch (reach) {
    case Reach::kPublic: return place->is_public;
    case Reach::kPublicAndLoopback: return place->is_public || place->is_loopback;
    case Reach::kAny: return true;
  }
  PEERPAY_UNREACHABLE("every reach is decided");
}

}  // namespace peerpay::http
