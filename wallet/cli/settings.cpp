#include "wallet/cli/settings.h"

#include <algorithm>
#include <charconv>

namespace peerpay::wallet::cli {
namespace {

constexpr std::size_t kHostLengthMax = 255;

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, port);
  return parsed.ec == std::errc{} && parsed.ptr == end && port >= 1 && port <= 65'535;
}

bool is_host(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == ':';
  };
  return !text.empty() && text.size() <= kHostLengthMax &&
         std::all_of(text.begin(), text.end(), is_allowed);
}

// Four decimal numbers, the first of them 127: "127.evil.example" is a name, not this machine.
bool is_loopback_ipv4(std::string_view host) {
  std::size_t parts = 0;
  while (true) {
    const auto end = std::min(host.find('.'), host.size());
    unsigned value = 0;
    const auto* last = host.data() + end;
    const auto parsed = std::from_chars(host.data(), last, value);
    if (parsed.ec != std::errc{} || parsed.ptr != last || value > 255) return false;
    if (parts == 0 && value != 127) return false;
    ++parts;
    if (end == host.size()) return parts == 4;
    host.remove_prefix(end + 1);
  }
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || is_loopback_ipv4(host);
}

// The first that is set and not empty.
std::optional<std::string> first_of(
    std::initializer_list<const std::optional<std::string>*> values) {
  for (const auto* value : values) {
    if (*value && !(*value)->empty()) return *value;
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> home_directory(const GlobalFlags& flags, const Environment& environment) {
  if (auto named = first_of({&flags.home, &environment.peerpay_home})) return *std::move(named);
  if (auto data = first_of({&environment.xdg_data_home})) return *data + "/peerpay";
  if (auto home = first_of({&environment.home})) return *home + "/.local/share/peerpay";
  return fail(ExitCode::kUsage, "home_unknown", "There is no place for the wallet.",
              "add --home DIR, or set PEERPAY_HOME");
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  if (!is_host(host) || !is_port(port)) return std::nullopt;
  const bool has_colon = host.find(':') != std::string_view::npos;
  if (has_colon != is_bracketed) return std::nullopt;
  return Endpoint{std::string{host}, std::string{port}, is_loopback(host)};
}

Result<NodeAddress> node_address(const GlobalFlags& flags, const Environment& environment,
                                 const ConfigFile& config) {
  const auto text = first_of({&flags.node, &environment.peerpay_node, &config.node});
  if (!text) {
    return fail(
        ExitCode::kUsage, "node_unknown", "No node is named.",
        "add --node HOST:PORT, set PEERPAY_NODE, or write node = \"HOST:PORT\" in config.toml");
  }
  auto endpoint = parse_endpoint(*text);
  if (!endpoint) {
    return fail(ExitCode::kUsage, "node_malformed",
                "\"" + *text + "\" is not HOST:PORT (an IPv6 address stands in brackets).");
  }
  return NodeAddress{*std::move(endpoint), first_of({&flags.tls_ca, &config.tls_ca})};
}

}  // namespace peerpay::wallet::cli
