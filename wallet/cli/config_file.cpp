// HOME/config.toml. toml++ is behind this file.
#include <toml++/toml.h>

#include <sstream>

#include "wallet/cli/settings.h"

namespace peerpay::wallet::cli {
namespace {

base::Unexpected<Failure> malformed(const std::string& path, std::size_t line,
                                    std::string_view reason) {
  return fail(ExitCode::kUsage, "config_malformed",
              path + ", line " + std::to_string(line) + ": " + std::string{reason} + ".");
}

std::optional<std::string>* setting(ConfigFile& config, std::string_view name) {
  if (name == "node") return &config.node;
  if (name == "tls_ca") return &config.tls_ca;
  if (name == "account") return &config.account;
  return nullptr;
}

}  // namespace

Result<ConfigFile> parse_config(std::string_view text, const std::string& path) {
  ConfigFile out;
  try {
    const auto table = toml::parse(text);
    for (const auto& [key, node] : table) {
      const auto line = static_cast<std::size_t>(key.source().begin.line);
      auto* target = setting(out, key.str());
      if (target == nullptr) {
        return malformed(path, line, "\"" + std::string{key.str()} + "\" is not a setting");
      }
      const auto value = node.value<std::string>();
      if (!value) return malformed(path, line, "a text in quotes is expected");
      *target = *value;
    }
  } catch (const toml::parse_error& error) {
    return malformed(path, static_cast<std::size_t>(error.source().begin.line),
                     error.description());
  }
  return out;
}

std::string config_text(const ConfigFile& config) {
  toml::table table;
  if (config.node) table.insert("node", *config.node);
  if (config.tls_ca) table.insert("tls_ca", *config.tls_ca);
  if (config.account) table.insert("account", *config.account);
  std::ostringstream out;
  out << table << "\n";
  return out.str();
}

}  // namespace peerpay::wallet::cli
