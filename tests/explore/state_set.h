#pragma once
// StateSet: a set of 63-bit numbers in one flat table; 8 bytes a slot, at most three quarters full.
// Fingerprints of states that are met in several worlds are such numbers too.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/sim/mix.h"

namespace peerpay::explore {

class StateSet {
 public:
  // Whether it is new. REQUIRES: state below 2^63.
  bool insert(std::uint64_t state) {
    if (4 * (size_ + 1) > 3 * slots_.size()) grow();
    if (!place(state + 1)) return false;
    ++size_;
    return true;
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  bool place(std::uint64_t value) {
    for (std::size_t at = sim::mix(value);; ++at) {
      std::uint64_t& slot = slots_[at & (slots_.size() - 1)];
      if (slot == value) return false;
      if (slot != 0) continue;
      slot = value;
      return true;
    }
  }
  void grow() {
    std::vector<std::uint64_t> old(slots_.empty() ? std::size_t{1} << 16 : slots_.size() * 2);
    old.swap(slots_);
    for (const std::uint64_t value : old) {
      if (value != 0) place(value);
    }
  }

  std::vector<std::uint64_t> slots_;  // 0: free
  std::uint64_t size_ = 0;
};

}  // namespace peerpay::explore
