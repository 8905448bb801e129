#include "base/settings/settings.h"

#include <toml++/toml.h>

#include <algorithm>

namespace peerpay::settings {
namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;  // clang 14 does not deduce it

using Reason = std::optional<std::string>;

template <class Number>
Reason read_number(const toml::node& node, const Range& range, Number& out) {
  const auto value = node.value_exact<std::int64_t>();
  if (!value) return "is not a whole number";
  const bool is_in_range = *value >= 0 && static_cast<std::uint64_t>(*value) >= range.min &&
                           static_cast<std::uint64_t>(*value) <= range.max;
  if (!is_in_range) {
    return "is " + std::to_string(*value) + ", which is not in " + std::to_string(range.min) +
           " to " + std::to_string(range.max);
  }
  out = static_cast<Number>(*value);
  return std::nullopt;
}

// Why the value is not read, if it is not.
Reason read_value(const toml::node& node, const Setting& setting) {
  return std::visit(
      [&](auto* out) -> Reason {
        using Value = std::remove_pointer_t<decltype(out)>;
        if constexpr (std::is_same_v<Value, std::uint32_t> ||
                      std::is_same_v<Value, std::uint64_t>) {
          return read_number(node, setting.range, *out);
        } else {
          using Exact = std::conditional_t<std::is_same_v<Value, bool>, bool, std::string>;
          const auto value = node.value_exact<Exact>();
          if (!value) return std::is_same_v<Value, bool> ? "is not true or false" : "is no text";
          *out = *value;
          return std::nullopt;
        }
      },
      setting.target);
}

// A TOML basic string.
std::string quoted(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      out += {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::optional<std::string> printed(const Target& target) {
  return std::visit(
      Overloaded{
          [](const std::string* text) { return std::optional{quoted(*text)}; },
          [](const std::optional<std::string>* text) {
            return *text ? std::optional{quoted(**text)} : std::nullopt;
          },
          [](const bool* flag) { return std::optional<std::string>{*flag ? "true" : "false"}; },
          [](const auto* number) { return std::optional{std::to_string(*number)}; }},
      target);
}

std::string full_name(std::string_view section, std::string_view name) {
  return section.empty() ? std::string{name} : std::string{section} + "." + std::string{name};
}

class Reader {
 public:
  explicit Reader(const std::vector<Setting>& settings) : settings_{settings} {}

  base::Expected<void, SettingsError> read(const toml::table& file) const {
    for (const auto& [name, node] : file) {
      const auto* table = node.as_table();
      auto result = table != nullptr && is_section(name.str()) ? read_section(name.str(), *table)
                                                               : read_one("", name, node);
      if (!result) return result;
    }
    return {};
  }

 private:
  bool is_section(std::string_view name) const {
    return std::any_of(settings_.begin(), settings_.end(),
                       [&](const auto& setting) { return setting.section == name; });
  }
  base::Expected<void, SettingsError> read_section(std::string_view section,
                                                   const toml::table& table) const {
    for (const auto& [name, node] : table) {
      if (auto result = read_one(section, name, node); !result) return result;
    }
    return {};
  }
  base::Expected<void, SettingsError> read_one(std::string_view section, const toml::key& key,
                                               const toml::node& node) const {
    const std::size_t line = key.source().begin.line;
    const auto name = full_name(section, key.str());
    const auto setting = std::find_if(settings_.begin(), settings_.end(), [&](const auto& known) {
      return known.section == section && known.name == key.str();
    });
    if (setting == settings_.end()) {
      return base::Unexpected{SettingsError{line, "unknown key " + name}};
    }
    const auto reason = read_value(node, *setting);
    if (!reason) return {};
    const auto hint =
        setting->comment.empty() ? std::string{} : " (" + std::string{setting->comment} + ")";
    return base::Unexpected{SettingsError{line, name + " " + *reason + hint}};
  }

  const std::vector<Setting>& settings_;
};

}  // namespace

std::string SettingsError::text(std::string_view source) const {
  return std::string{source} + ":" + std::to_string(line) + ": " + sentence;
}

base::Expected<void, SettingsError> read(std::string_view text,
                                         const std::vector<Setting>& settings) {
  try {
    return Reader{settings}.read(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return base::Unexpected{
        SettingsError{error.source().begin.line, std::string{error.description()}}};
  }
}

std::string print(const std::vector<Setting>& settings) {
  std::string out;
  std::string_view section;
  for (const auto& setting : settings) {
    const auto value = printed(setting.target);
    if (!value) continue;
    if (setting.section != section) {
      section = setting.section;
      out += (out.empty() ? "[" : "\n[") + std::string{section} + "]\n";
    }
    if (!setting.comment.empty()) out += "# " + std::string{setting.comment} + "\n";
    out += std::string{setting.name} + " = " + *value + "\n";
  }
  return out;
}

}  // namespace peerpay::settings
