#pragma once
// Where the wallet lives and which node it talks to: flags beat the environment, which beats
// HOME/config.toml.

#include <optional>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "base/time.h"
#include "wallet/cli/console.h"
#include "wallet/cli/failure.h"

namespace peerpay::wallet::cli {

// What was typed before or after the command's own arguments.
struct GlobalFlags {
  bool is_json = false;
  bool is_assumed_yes = false;
  std::optional<std::string> node;    // HOST:PORT
  std::optional<std::string> tls_ca;  // PEM file of certificate authorities
  std::optional<std::string> home;
  PassphraseSource passphrase;
};

struct Environment {
  std::optional<std::string> peerpay_node;
  std::optional<std::string> peerpay_home;
  std::optional<std::string> xdg_data_home;
  std::optional<std::string> home;
};

// HOME/config.toml. Unknown keys are errors: a misspelt setting must not be ignored in silence.
struct ConfigFile {
  std::optional<std::string> node;
  std::optional<std::string> tls_ca;
  std::optional<std::string> account;  // who pays when --from is not given
};
[[nodiscard]] Result<ConfigFile> parse_config(std::string_view text, const std::string& path);
[[nodiscard]] std::string config_text(const ConfigFile& config);

// The wallet's directory: --home, PEERPAY_HOME, XDG_DATA_HOME/peerpay, ~/.local/share/peerpay.
[[nodiscard]] Result<std::string> home_directory(const GlobalFlags& flags,
                                                 const Environment& environment);

struct NodeAddress {
  base::Endpoint endpoint;
  std::optional<std::string> tls_ca;
};
// ExitCode::kUsage when none is named or it can't be read.
[[nodiscard]] Result<NodeAddress> node_address(const GlobalFlags& flags,
                                               const Environment& environment,
                                               const ConfigFile& config);

}  // namespace peerpay::wallet::cli
