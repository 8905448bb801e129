#pragma once
// ShouldStop: what long work asks, between two of its steps, to learn whether to give up.

#include <functional>

namespace peerpay::base {

using ShouldStop = std::function<bool()>;

// For who is never told.
inline bool never_stop() { return false; }

}  // namespace peerpay::base
