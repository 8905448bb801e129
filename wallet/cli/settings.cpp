#include "wallet/cli/settings.h"

#include <utility>

namespace peerpay::wallet::cli {
namespace {

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

Result<NodeAddress> node_address(const GlobalFlags& flags, const Environment& environment,
                                 const ConfigFile& config) {
  const auto text = first_of({&flags.node, &environment.peerpay_node, &config.node});
  if (!text) {
    return fail(
        ExitCode::kUsage, "node_unknown", "No node is named.",
        "add --node HOST:PORT, set PEERPAY_NODE, or write node = \"HOST:PORT\" in config.toml");
  }
  auto endpoint = base::parse_endpoint(*text);
  if (!endpoint || endpoint->port == 0) {
    return fail(ExitCode::kUsage, "node_malformed",
                "\"" + *text + "\" is not HOST:PORT (an IPv6 address stands in brackets).");
  }
  return NodeAddress{*std::move(endpoint), first_of({&flags.tls_ca, &config.tls_ca})};
}

}  // namespace peerpay::wallet::cli
