#include "node/app/toml_file.h"

#include <fmt/format.h>

namespace peerpay::app {

base::Expected<toml::table, std::string> parse_toml(const std::string& text,
                                                    const std::string& source) {
  try {
    return toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    return base::Unexpected{
        fmt::format("{}:{}: {}", source, error.source().begin.line, error.description())};
  }
}

}  // namespace peerpay::app
