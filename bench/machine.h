#pragma once
// What the figures were measured on.

#include <cstdint>
#include <string>

namespace peerpay::bench {

struct Machine {
  std::string cpu;  // model name
  unsigned cores = 0;
  std::uint64_t memory_bytes = 0;
  std::string kernel;
};
// Texts are empty where the system does not tell.
[[nodiscard]] Machine read_machine();

}  // namespace peerpay::bench
