#include "node/net/caller.h"

#include "base/os/ip_source.h"

namespace peerpay::net {

Caller Caller::at(std::string_view peer) {
  constexpr std::string_view kOpen = "%5B";
  constexpr std::string_view kClose = "%5D";
  auto host = peer.substr(0, peer.rfind(':'));
  host.remove_prefix(host.find(':') == std::string_view::npos ? 0 : host.find(':') + 1);
  if (host.starts_with(kOpen)) host.remove_prefix(kOpen.size());
  if (host.ends_with(kClose)) host.remove_suffix(kClose.size());
  return {os::ip_source(host), std::string{peer}};
}

}  // namespace peerpay::net
