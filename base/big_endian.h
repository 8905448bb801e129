#pragma once
// Big-endian integers, for keys of ordered tables: their bytes compare as the numbers do.

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace peerpay::base {

template <class Int>
void append_big_endian(Bytes& out, Int value) {
  for (std::size_t i = sizeof(Int); i-- > 0;)
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// The first bytes of `bytes`. REQUIRES: there are as many as Int has.
template <class Int>
[[nodiscard]] Int big_endian(ByteView bytes) {
  Int value = 0;
  for (const auto byte : bytes.first(sizeof(Int))) value = static_cast<Int>((value << 8) | byte);
  return value;
}

}  // namespace peerpay::base
