#pragma once
// Numbers and names of the tables that peerpay-sim prints.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace peerpay::sim {

// "12.3" seconds from microseconds, without floating point.
[[nodiscard]] inline std::string seconds(std::int64_t us) {
  return std::to_string(us / 1'000'000) + "." + std::to_string(us % 1'000'000 / 100'000);
}

[[nodiscard]] inline std::string padded(std::string_view text, std::size_t width) {
  std::string out{text};
  if (out.size() < width) out.resize(width, ' ');
  return out;
}

[[nodiscard]] inline std::string padded_left(std::uint64_t value, std::size_t width) {
  const std::string text = std::to_string(value);
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

}  // namespace peerpay::sim
