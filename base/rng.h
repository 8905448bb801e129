#pragma once
// Rng: a seeded generator (SplitMix64, Steele, Lea & Flood 2014), the only randomness that pure
// code and tests may use. The same seed gives the same run on every platform. Not for secrets.

#include <cstdint>

namespace peerpay::base {

class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next();
  // Uniform in [0, bound). REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [low, high], both included. REQUIRES: low <= high.
  std::uint64_t between(std::uint64_t low, std::uint64_t high);
  // True in `numerator` of `denominator` draws on average.
  bool chance(std::uint64_t numerator, std::uint64_t denominator);

 private:
  std::uint64_t state_;
};

}  // namespace peerpay::base
