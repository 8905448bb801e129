#include "api/app/gateway_config.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "api/client/http_client.h"
#include "base/os/file.h"
#include "base/settings/settings.h"
#include "base/utf8.h"

namespace peerpay::api {
namespace {

constexpr std::size_t kFileBytesMax = 64 * 1024;
constexpr std::size_t kLabelBytesMax = 64;
constexpr settings::Range kConnections{1, 1'000'000};
constexpr std::string_view kLogLevels[] = {"debug", "info", "warn", "error"};

// The only list of keys there is.
std::vector<settings::Setting> settings_of(GatewayConfig& config) {
  return {
      {"node", "address", "host:port of the client port of a node that you trust to answer",
       &config.node},
      {"node", "tls_ca", "PEM file of authorities for a node elsewhere; empty: the system's",
       &config.node_tls_ca},
      {"http", "listen", "host:port for shops and payers", &config.listen},
      {"http", "behind_proxy",
       "a proxy in front speaks TLS: allows to listen beyond this machine in plain text",
       &config.is_behind_proxy},
      {"http", "public_url", "how links begin, for example https://pay.shop.example",
       &config.public_url},
      {"http", "connections_max", "connections at once", &config.connections_max, kConnections},
      {"http", "connections_per_address_max",
       "of them from one address (of an IPv6 address: its /64); behind a proxy all may have one",
       &config.connections_per_address_max, kConnections},
      {"data", "directory", "invoices, events, webhooks and API keys", &config.data},
      {"shop", "label", "the name that payers see", &config.label},
      {"shop", "payee", "address that invoices are paid to when they name none", &config.payee},
      {"webhooks", "allow_loopback",
       "development only: deliver to this machine, also without TLS; /readyz shows it",
       &config.allows_loopback_webhooks},
      {"webhooks", "tls_ca", "PEM file of authorities; empty: the system's", &config.webhook_ca},
      {"log", "level", "debug, info, warn or error", &config.log_level},
  };
}

base::Unexpected<Failure> unusable(std::string sentence) {
  return fail(ExitCode::kUsage, std::move(sentence));
}

bool is_origin(const std::string& text) {
  const auto url = http::parse_url(text);
  return url && url->target == "/" && text.back() != '/';
}

}  // namespace

Result<void> GatewayConfig::check() const {
  const auto node_at = base::parse_endpoint(node);
  if (!node_at || node_at->port == 0) return unusable("The node's address is not host:port.");
  const auto listen_at = base::parse_endpoint(listen);
  if (!listen_at) return unusable("The address to listen on is not host:port.");
  if (!listen_at->is_loopback() && !is_behind_proxy) {
    return unusable("Listening on " + listen +
                    " would send API keys over the network in plain text: put a TLS proxy in front "
                    "and say so with --behind-proxy.");
  }
  if (data.empty()) return unusable("Name a directory for the gateway's data: --data DIR.");
  if (!public_url.empty() && !is_origin(public_url)) {
    return unusable("The public URL must be like https://pay.shop.example, without a path.");
  }
  if (label.size() > kLabelBytesMax) return unusable("The label has more than 64 bytes.");
  if (!base::is_plain_text(label)) {
    return unusable("The label is not UTF-8 text without control characters.");
  }
  if (connections_per_address_max > connections_max) {
    return unusable("More connections from one address are allowed than in all.");
  }
  if (std::find(std::begin(kLogLevels), std::end(kLogLevels), log_level) == std::end(kLogLevels)) {
    return unusable("The log level must be debug, info, warn or error.");
  }
  return {};
}

Result<void> read_config(std::string_view text, std::string_view source, GatewayConfig& config) {
  const auto read = settings::read(text, settings_of(config));
  if (!read) return unusable(read.error().text(source) + ".");
  return {};
}

Result<void> read_config_file(const std::string& path, GatewayConfig& config) {
  const auto text = os::read_file(path, kFileBytesMax);
  if (!text) return unusable(text.error().sentence());
  return read_config(base::to_text(*text), path, config);
}

std::string format_config(const GatewayConfig& config) {
  auto copy = config;
  return settings::print(settings_of(copy));
}

}  // namespace peerpay::api
