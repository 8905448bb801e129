#include "node/net/caller.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace peerpay::net {

std::string source_of(std::string_view address) {
  constexpr std::size_t kNetworkBytes = 8;
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(address, error);
  if (error || parsed.is_v4()) return std::string{address};
  const auto six = parsed.to_v6();
  if (six.is_v4_mapped())
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, six).to_string();
  auto bytes = six.to_bytes();
  std::fill(bytes.begin() + kNetworkBytes, bytes.end(), std::uint8_t{0});
  return boost::asio::ip::address_v6{bytes}.to_string() + "/64";
}

Caller Caller::at(std::string_view peer) {
  constexpr std::string_view kOpen = "%5B";
  constexpr std::string_view kClose = "%5D";
  auto host = peer.substr(0, peer.rfind(':'));
  host.remove_prefix(host.find(':') == std::string_view::npos ? 0 : host.find(':') + 1);
  if (host.starts_with(kOpen)) host.remove_prefix(kOpen.size());
  if (host.ends_with(kClose)) host.remove_suffix(kClose.size());
  return {source_of(host), std::string{peer}};
}

}  // namespace peerpay::net
