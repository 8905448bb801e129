#include "base/rng.h"

#include "base/check.h"

namespace peerpay::base {

std::uint64_t Rng::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::uint64_t Rng::below(std::uint64_t bound) {
  PEERPAY_CHECK(bound > 0, "an empty range has no element");
  // Rejects the few values that would make small results likelier (bias of a plain modulo).
  const std::uint64_t threshold = (0 - bound) % bound;
  std::uint64_t draw = next();
  while (draw < threshold) draw = next();
  return draw % bound;
}

std::uint64_t Rng::between(std::uint64_t low, std::uint64_t high) {
  PEERPAY_CHECK(low <= high, "a range must not be reversed");
  if (low == 0 && high == UINT64_MAX) return next();
  return low + below(high - low + 1);
}

bool Rng::chance(std::uint64_t numerator, std::uint64_t denominator) {
  return below(denominator) < numerator;
}

}  // namespace peerpay::base
