#include "base/os/ip_source.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace peerpay::os {
namespace {

using Address6 = std::array<std::uint8_t, 16>;

template <class Address>
std::string text_of(int family, const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  return ::inet_ntop(family, &address, out.data(), out.size());
}

// Where the IPv4 address begins that it stands for.
std::optional<std::size_t> embedded_at(const Address6& address) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr std::array<std::uint8_t, 12> kTranslated{0, 0x64, 0xff, 0x9b};
  constexpr std::array<std::uint8_t, 2> kTunnelled{0x20, 0x02};
  const auto begins = [&address](const auto& prefix) {
    return std::equal(prefix.begin(), prefix.end(), address.begin());
  };
  if (begins(kMapped) || begins(kTranslated)) return kMapped.size();
  if (begins(kTunnelled)) return kTunnelled.size();
  return std::nullopt;
}

}  // namespace

std::string ip_source(std::string_view address) {
  constexpr std::size_t kNetworkBytes = 8;
  const std::string text{address.substr(0, address.find('%'))};  // without the interface
  Address6 bytes{};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::string{address};
  if (const auto at = embedded_at(bytes)) {
    in_addr four{};
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(*at), sizeof four,
                reinterpret_cast<std::uint8_t*>(&four));
    return text_of(AF_INET, four);
  }
  std::fill(bytes.begin() + kNetworkBytes, bytes.end(), std::uint8_t{0});
  return text_of(AF_INET6, bytes) + "/64";
}

}  // namespace peerpay::os
