// host:port: what is taken is printed and means the same; what counts as loopback is loopback.

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>

#include "base/endpoint.h"
#include "tests/fuzz/promises.h"

namespace {

// By the C library's reading of the address.
bool is_foreign_address(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) != 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return !IN6_IS_ADDR_LOOPBACK(&v6);
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  const auto text = fuzz::as_text({data, size});
  fuzz::check_prints(text, base::parse_endpoint, [](const auto& e) { return e.text(); });
  const auto endpoint = base::parse_endpoint(text);
  PEERPAY_CHECK(!endpoint || !endpoint->host.empty(), "there is a host");
  PEERPAY_CHECK(!endpoint || !endpoint->is_loopback() || !is_foreign_address(endpoint->host),
                "no address of elsewhere counts as loopback");
  return 0;
}
