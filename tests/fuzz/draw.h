#pragma once
// Draw: a fuzzer's bytes as a supply of decisions. The same bytes give the same decisions, and when
// there are none left every draw is zero, so a target ends by itself and shrinks well.

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"

namespace peerpay::fuzz {

class Draw {
 public:
  // Borrows: `in` must outlive it.
  explicit Draw(base::ByteView in) : in_{in} {}

  [[nodiscard]] bool empty() const { return in_.empty(); }

  // Little-endian, `size` bytes. REQUIRES: size <= 8.
  std::uint64_t integer(std::size_t size = 8) {
    std::uint64_t out = 0;
    const auto taken = take(size);
    for (std::size_t i = 0; i < taken.size(); ++i) out |= std::uint64_t{taken[i]} << (8 * i);
    return out;
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(integer(1)); }
  bool coin() { return (byte() & 1U) != 0; }

  // In [0, bound), from as few bytes as the bound needs. REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    return integer(bound <= 0x100 ? 1 : bound <= 0x10000 ? 2 : 8) % bound;
  }

  // 0 to `size_max` bytes: a length, then the bytes.
  base::ByteView bytes(std::size_t size_max) { return take(below(size_max + 1)); }
  base::ByteView rest() { return take(in_.size()); }
  template <class Fixed>
  Fixed fixed() {
    Fixed out;
    const auto taken = take(Fixed::kSize);
    std::copy(taken.begin(), taken.end(), out.bytes.begin());
    return out;
  }

 private:
  // Fewer when there are fewer.
  base::ByteView take(std::size_t size) {
    const auto out = in_.first(std::min(size, in_.size()));
    in_ = in_.subspan(out.size());
    return out;
  }

  base::ByteView in_;
};

}  // namespace peerpay::fuzz
