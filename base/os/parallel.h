#pragma once
// A base::ForEach on all cores.

#include <cstddef>
#include <functional>

namespace peerpay::os {

// From as many threads as there are cores, this one among them; from fewer where the system gives
// no more. REQUIRES: work does not throw.
void for_each_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace peerpay::os
