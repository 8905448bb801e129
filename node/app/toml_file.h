#pragma once
// TOML text to a table. Only this module's .cpp files include it, so the library stays inside.

#include <toml++/toml.h>

#include <string>

#include "base/expected.h"

namespace peerpay::app {

// On failure "source:line: what is wrong".
[[nodiscard]] base::Expected<toml::table, std::string> parse_toml(const std::string& text,
                                                                  const std::string& source);

}  // namespace peerpay::app
