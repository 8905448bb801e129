// URLs of webhooks: one meaning, and no address of a private network passes, by a second reading of
// the address. Retry-After stays in its bounds.

#include <arpa/inet.h>

#include "api/webhooks/policy.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;
using namespace peerpay::http;

bool is_private(const in_addr& address) {
  const auto a = ntohl(address.s_addr);
  return (a >> 24) == 0 || (a >> 24) == 10 || (a >> 24) == 127 || (a >> 28) >= 14 ||
         (a >> 16) == 0xa9fe || (a >> 20) == 0xac1 || (a >> 16) == 0xc0a8 || (a >> 22) == 0x191;
}

bool is_private_text(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return is_private(v4);
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) != 1) return false;
  return (v6.s6_addr[0] & 0xe0) != 0x20;  // not of 2000::/3, global unicast
}

void check_url(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) {
    PEERPAY_CHECK(!url.error().empty(), "it says why");
    return;
  }
  PEERPAY_CHECK(text.size() <= kUrlBytesMax && url->target.starts_with('/'), "it is bounded");
  const auto again = parse_url(url->origin() + url->target);
  PEERPAY_CHECK(again && again->is_tls == url->is_tls && again->host == url->host &&
                    again->port == url->port && again->target == url->target,
                "written again it means the same");
  for (const char c : url->authority() + url->target) {
    PEERPAY_CHECK(c > 0x20 && c < 0x7f, "nothing in it can end a line of a request");
  }
  if (api::refusal_of_url(*url, Reach::kPublic)) return;
  PEERPAY_CHECK(url->is_tls && (url->port == 443 || url->port == 8443), "https to where it is");
  PEERPAY_CHECK(!is_private_text(url->host), "no private address passes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text({data, size});
  check_url(text);
  PEERPAY_CHECK(!is_reachable(Reach::kPublic, text) || !is_private_text(std::string{text}),
                "no private address is reachable");
  constexpr base::UnixMillis kNow{1'700'000'000'000};
  const auto wait = api::parse_retry_after(text, kNow);
  PEERPAY_CHECK(!wait || (wait->microseconds >= 0 && *wait <= api::kRetryAfterMax),
                "it is bounded");
  return 0;
}
