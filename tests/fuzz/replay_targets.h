#pragma once
// The targets that fuzz_replay is linked with; the list is written by cmake/add_fuzz_target.cmake.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace peerpay::fuzz {

struct Target {
  std::string_view name;
  int (*entry)(const std::uint8_t* data, std::size_t size);
};

[[nodiscard]] std::span<const Target> targets();

}  // namespace peerpay::fuzz
