#pragma once
// The order of ids and hashes, for sorting many of them. The same as operator<=>, but decided
// without a call whenever the first eight bytes differ, as in keys and hashes they nearly always
// do.

#include <compare>
#include <cstdint>

namespace peerpay::ledger {

// REQUIRES: a base::FixedBytes of at least 8 bytes.
template <class Fixed>
[[nodiscard]] std::strong_ordering byte_order(const Fixed& a, const Fixed& b) {
  static_assert(Fixed::kSize >= sizeof(std::uint64_t));
  const auto prefix_of = [](const Fixed& value) {
    std::uint64_t prefix = 0;
    for (std::size_t i = 0; i < sizeof prefix; ++i) prefix = prefix << 8 | value.bytes[i];
    return prefix;
  };
  const auto order = prefix_of(a) <=> prefix_of(b);
  return order != 0 ? order : a <=> b;
}

}  // namespace peerpay::ledger
