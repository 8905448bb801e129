#pragma once
// Published test vectors are hexadecimal; a mistyped one is a bug of the test and ends it.

#include <string_view>

#include "base/bytes.h"
#include "base/check.h"

namespace peerpay::test {

[[nodiscard]] inline base::Bytes from_hex(std::string_view hex) {
  auto bytes = base::from_hex(hex);
  PEERPAY_CHECK(bytes.has_value(), "a test vector is whole bytes of hexadecimal");
  return *std::move(bytes);
}

template <class Fixed>
[[nodiscard]] Fixed fixed_from_hex(std::string_view hex) {
  const auto fixed = base::fixed_from_hex<Fixed>(hex);
  PEERPAY_CHECK(fixed.has_value(), "a test vector has the size of its field");
  return *fixed;
}

}  // namespace peerpay::test
