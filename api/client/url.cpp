#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>

#include "api/client/http_client.h"

// Boost.URL reads all of RFC 3986. This reads the part of it that leaves no room for two opinions,
// and says in one sentence what it refused.

namespace peerpay::http {
namespace {

constexpr std::size_t kHostBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

using Refusal = base::Unexpected<std::string>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string to_lower(std::string_view text) {
  std::string lower{text};
  for (auto& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// The address in the one form that inet_ntop writes.
std::optional<std::string> canonical_address(int family, const std::string& text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;  // inet_pton would stop there
  in6_addr address{};                                                  // room for both
  if (inet_pton(family, text.c_str(), &address) != 1) return std::nullopt;
  char canonical[INET6_ADDRSTRLEN];
  return std::string{inet_ntop(family, &address, canonical, sizeof canonical)};
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kLabelBytesMax) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

// As the URL standard of the WHATWG has it: such a host is an IPv4 address or nothing. Older
// readers take "0x7f.1" and "2130706433" for 127.0.0.1.
bool ends_in_a_number(std::string_view host) {
  const auto last = host.substr(host.rfind('.') + 1);  // npos + 1 is 0
  if (std::ranges::all_of(last, is_digit)) return true;
  return last.size() >= 2 && last[0] == '0' && last[1] == 'x' &&
         std::ranges::all_of(last.substr(2), is_hex_digit);
}

base::Expected<std::string, std::string> parse_name(std::string_view text) {
  if (text.empty() || text.size() > kHostBytesMax) {
    return Refusal{"The host must have 1 to 253 characters."};
  }
  const auto host = to_lower(text);
  for (std::size_t begin = 0; begin <= host.size();) {
    const auto end = std::min(host.find('.', begin), host.size());
    if (!is_label(std::string_view{host}.substr(begin, end - begin))) {
      return Refusal{
          "The host must be a name of letters, digits and inner hyphens, or an IP address."};
    }
    begin = end + 1;
  }
  if (!ends_in_a_number(host)) return host;
  const auto address = canonical_address(AF_INET, host);
  if (!address) return Refusal{"The host is neither a name nor four decimal numbers."};
  return *address;
}

struct Authority {
  std::string host;
  std::string_view port;  // with its colon
};

base::Expected<Authority, std::string> split_authority(std::string_view text) {
  if (!text.starts_with('[')) {
    const auto colon = std::min(text.find(':'), text.size());
    auto host = parse_name(text.substr(0, colon));
    if (!host) return Refusal{host.error()};
    return Authority{std::move(*host), text.substr(colon)};
  }
  const auto bracket = text.find(']');
  if (bracket == std::string_view::npos)
    return Refusal{"The bracket before the IPv6 address is not closed."};
  auto address = canonical_address(AF_INET6, std::string{text.substr(1, bracket - 1)});
  if (!address) return Refusal{"What stands in brackets is no IPv6 address."};
  return Authority{std::move(*address), text.substr(bracket + 1)};
}

// "" is the scheme's own port.
base::Expected<std::uint16_t, std::string> parse_port(std::string_view text, bool is_tls) {
  if (text.empty()) return std::uint16_t{is_tls ? std::uint16_t{443} : std::uint16_t{80}};
  const auto digits = text.substr(1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool is_number = error == std::errc{} && end == digits.data() + digits.size();
  if (text.front() != ':' || !is_number || digits.front() == '0') {
    return Refusal{"The port must be a number from 1 to 65535."};
  }
  return port;
}

// pchar, "/" and "?" of RFC 3986.
bool is_target(std::string_view text) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=:@/?";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_letter(text[i]) || is_digit(text[i]) || kOthers.find(text[i]) != std::string_view::npos)
      continue;
    const auto escape = text.substr(i, 3);
    if (escape.size() != 3 || escape[0] != '%' || !is_hex_digit(escape[1]) ||
        !is_hex_digit(escape[2])) {
      return false;
    }
    i += 2;
  }
  return true;
}

}  // namespace

std::string Url::authority() const {
  const bool is_address_6 = host.find(':') != std::string_view::npos;
  auto text = is_address_6 ? "[" + host + "]" : host;
  if (port != (is_tls ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

std::string Url::origin() const { return (is_tls ? "https://" : "http://") + authority(); }

base::Expected<Url, std::string> parse_url(std::string_view text) {
  if (text.size() > kUrlBytesMax) return Refusal{"The URL must have at most 2,048 bytes."};
  const auto scheme_end = text.find("://");
  const auto scheme = to_lower(text.substr(0, std::min(scheme_end, text.size())));
  if (scheme_end == std::string_view::npos || (scheme != "http" && scheme != "https")) {
    return Refusal{"The URL must begin with https:// or http://."};
  }
  Url url;
  url.is_tls = scheme == "https";
  const auto rest = text.substr(scheme_end + 3);
  if (rest.find('#') != std::string_view::npos)
    return Refusal{"The URL must not have a fragment (#)."};
  const auto path = std::min(rest.find_first_of("/?"), rest.size());
  const auto authority = rest.substr(0, path);
  if (authority.find('@') != std::string_view::npos) {
    return Refusal{"The URL must not have a user name or password."};
  }
  auto parts = split_authority(authority);
  if (!parts) return Refusal{parts.error()};
  const auto port = parse_port(parts->port, url.is_tls);
  if (!port) return Refusal{port.error()};
  if (!is_target(rest.substr(path))) {
    return Refusal{"Path and query must be ASCII, with everything unusual percent-encoded."};
  }
  url.host = std::move(parts->host);
  url.port = *port;
  url.target = rest.substr(path);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

}  // namespace peerpay::http
