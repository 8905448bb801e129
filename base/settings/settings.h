#pragma once
// Settings files: TOML in which every key is known, so that a misspelt one is never ignored in
// silence. toml++ is behind this header.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/expected.h"

namespace peerpay::settings {

// Where a value goes. An optional that the file does not name stays as it is, like all others.
using Target =
    std::variant<std::string*, std::optional<std::string>*, std::uint32_t*, std::uint64_t*, bool*>;

struct Range {
  std::uint64_t min = 0;
  std::uint64_t max = UINT32_MAX;
};

struct Setting {
  std::string_view section;  // empty: at the top of the file
  std::string_view name;
  std::string_view comment;  // what it is, for the printed file and for errors; may be empty
  Target target;
  Range range{};  // of a number
};

struct SettingsError {
  std::size_t line = 0;
  std::string sentence;  // "unknown key client.listn"
  // "node.toml:2: unknown key client.listn"
  [[nodiscard]] std::string text(std::string_view source) const;
};

// On failure some targets may have been written.
[[nodiscard]] base::Expected<void, SettingsError> read(std::string_view text,
                                                       const std::vector<Setting>& settings);

// The whole file, in the order given, with a comment above each key that has one; an optional that
// is empty is left out. REQUIRES: the settings of a section stand together, those without one
// first.
[[nodiscard]] std::string print(const std::vector<Setting>& settings);

}  // namespace peerpay::settings
