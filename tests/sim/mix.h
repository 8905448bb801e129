#pragma once
// Cheap mixing of bytes into 64 bits, for what nobody attacks: stand-in signatures and "seen
// before". SplitMix64's finalizer (Steele, Lea & Flood 2014) over words of eight bytes.

#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace peerpay::sim {

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

[[nodiscard]] inline std::uint64_t mix(std::uint64_t seed, base::ByteView bytes) {
  std::uint64_t out = mix(seed ^ bytes.size());
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = bytes.size() < sizeof word ? bytes.size() : sizeof word;
    std::memcpy(&word, bytes.data(), size);
    out = mix(out ^ word);
    bytes = bytes.subspan(size);
  }
  return out;
}

}  // namespace peerpay::sim
