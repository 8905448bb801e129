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
  std::uint64_t word = 0;
  for (; bytes.size() >= sizeof word; bytes = bytes.subspan(sizeof word)) {
    std::memcpy(&word, bytes.data(), sizeof word);  // of a size the compiler knows: one load
    out = mix(out ^ word);
  }
  if (bytes.empty()) return out;
  word = 0;
  std::memcpy(&word, bytes.data(), bytes.size());
  return mix(out ^ word);
}

}  // namespace peerpay::sim
