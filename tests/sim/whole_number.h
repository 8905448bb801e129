#pragma once
// What the command lines of peerpay-sim and peerpay-explore ask of a number.

#include <cstdint>

namespace CLI {  // NOLINT(readability-identifier-naming): the library calls it so
class Validator;
}  // namespace CLI

namespace peerpay::sim {

// CLI11 alone would take -1 for the greatest number that there is. REQUIRES: the caller includes
// CLI/CLI.hpp.
[[nodiscard]] CLI::Validator whole_number(std::uint64_t low, std::uint64_t high);

}  // namespace peerpay::sim
