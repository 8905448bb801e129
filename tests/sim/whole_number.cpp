#include "tests/sim/whole_number.h"

#include <charconv>
#include <string>

#include <CLI/CLI.hpp>

namespace peerpay::sim {

CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  const std::string range = std::to_string(low) + " to " + std::to_string(high);
  return {[low, high, range](const std::string& text) -> std::string {
            std::uint64_t value = 0;
            const char* const end = text.data() + text.size();
            const auto read = std::from_chars(text.data(), end, value);
            const bool is_whole = read.ec == std::errc{} && read.ptr == end;
            if (is_whole && low <= value && value <= high) return {};
            return "\"" + text + "\" is no whole number from " + range;
          },
          range};
}

}  // namespace peerpay::sim
