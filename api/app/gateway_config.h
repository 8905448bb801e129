#pragma once
// What an operator chooses for a gateway: flags, or a TOML file; flags win.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/app/exit_code.h"
#include "base/endpoint.h"

namespace peerpay::api {

struct GatewayConfig {
  std::string node = "127.0.0.1:26700";
  std::string node_tls_ca;  // PEM file; empty: the system's authorities
  std::string listen = "127.0.0.1:8080";
  bool is_behind_proxy = false;  // a TLS proxy stands in front: listening beyond loopback is meant
  std::uint32_t connections_max = 16'384;
  std::uint32_t connections_per_address_max = 4'096;  // of an IPv6 address: its /64
  std::string data;
  std::string genesis;     // file to take the network from, at the first start; empty: the node
  std::string public_url;  // empty: http:// and the address that it listens on
  std::string label;
  std::string payee;  // address, empty: every invoice must name one
  bool allows_loopback_webhooks = false;
  std::string webhook_ca;  // PEM file; empty: the system's authorities
  std::string log_level = "info";

  [[nodiscard]] Result<void> check() const;
};

// Reads the text over `config`. Unknown keys are errors that name the line; `source` names the
// text.
[[nodiscard]] Result<void> read_config(std::string_view text, std::string_view source,
                                       GatewayConfig& config);
// The same of a file.
[[nodiscard]] Result<void> read_config_file(const std::string& path, GatewayConfig& config);
// The complete file, with a comment for each key: what `run --print-config` shows.
[[nodiscard]] std::string format_config(const GatewayConfig& config);

}  // namespace peerpay::api
