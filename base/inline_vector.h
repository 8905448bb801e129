#pragma once
// InlineVector: a vector whose first elements lie in itself, for the many that hold one or two.

#include <absl/container/inlined_vector.h>

#include <cstddef>

namespace peerpay::base {

// As std::vector, but moving one moves its elements when they are at most N.
template <class T, std::size_t N>
using InlineVector = absl::InlinedVector<T, N>;

}  // namespace peerpay::base
