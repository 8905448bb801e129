#include "base/endpoint.h"

#include <algorithm>
#include <charconv>

namespace peerpay::base {
namespace {

constexpr std::size_t kHostLengthMax = 255;

template <class Number>
std::optional<Number> parse_decimal(std::string_view text) {
  Number value = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return value;
}

// What a name or an address may be made of: also "_", which names of containers have, and the zone
// of an IPv6 address.
bool is_host(std::string_view text) {
  constexpr std::string_view kMarks = ".-_:%";
  const auto is_allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kHostLengthMax &&
         std::all_of(text.begin(), text.end(), is_allowed);
}

// Four decimal numbers without leading zeros, the first of them 127: "127.evil.example" is a name,
// and "0177.0.0.1" is read in more than one way.
bool is_loopback_ipv4(std::string_view host) {
  for (std::size_t part = 0; part < 4; ++part) {
    const auto dot = std::min(host.find('.'), host.size());
    const auto digits = host.substr(0, dot);
    const auto value = parse_decimal<std::uint8_t>(digits);
    if (!value || (digits.size() > 1 && digits.front() == '0')) return false;
    if (part == 0 && *value != 127) return false;
    const bool is_last = dot == host.size();
    if (is_last != (part == 3)) return false;
    host.remove_prefix(is_last ? dot : dot + 1);
  }
  return true;
}

}  // namespace

bool Endpoint::is_loopback() const {
  return host == "localhost" || host == "::1" || is_loopback_ipv4(host);
}

std::string Endpoint::text() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port = parse_decimal<std::uint16_t>(text.substr(colon + 1));
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const bool has_colon = host.find(':') != std::string_view::npos;
  if (!port || !is_host(host) || has_colon != is_bracketed) return std::nullopt;
  return Endpoint{std::string{host}, *port};
}

}  // namespace peerpay::base
