#pragma once
// Strong<Tag, Rep>: an integer that means one thing. Two tags never mix, and there is no arithmetic
// beyond "the next one", because adding two heights means nothing.

#include <compare>
#include <cstdint>

namespace peerpay::base {

template <class Tag, class Rep>
struct Strong {
  using Representation = Rep;
  Rep value{};

  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;
  constexpr Strong next() const { return Strong{static_cast<Rep>(value + 1)}; }
};

}  // namespace peerpay::base
