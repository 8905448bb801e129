#include "base/settings/settings.h"
#include "wallet/cli/settings.h"

namespace peerpay::wallet::cli {
namespace {

// HOME/config.toml: the only list of its keys.
std::vector<settings::Setting> settings_of(ConfigFile& config) {
  return {{"", "node", "HOST:PORT", &config.node},
          {"", "tls_ca", "a PEM file", &config.tls_ca},
          {"", "account", "who pays when --from is not given", &config.account}};
}

}  // namespace

Result<ConfigFile> parse_config(std::string_view text, const std::string& path) {
  ConfigFile out;
  const auto read = settings::read(text, settings_of(out));
  if (read) return out;
  return fail(ExitCode::kUsage, "config_malformed", read.error().text(path) + ".");
}

std::string config_text(const ConfigFile& config) {
  auto copy = config;
  return settings::print(settings_of(copy));
}

}  // namespace peerpay::wallet::cli
