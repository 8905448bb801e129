#pragma once
// Work on many things that do not touch each other. Who knows threads gives a ForEach that uses
// them (base/os/parallel.h); pure code takes one and starts none.

#include <cstddef>
#include <functional>

namespace peerpay::base {

// Calls `work` once with each number below `count`, in any order, perhaps on several threads, and
// returns when all calls have. REQUIRES: work does not throw.
using ForEach =
    std::function<void(std::size_t count, const std::function<void(std::size_t)>& work)>;

inline void for_each_in_order(std::size_t count, const std::function<void(std::size_t)>& work) {
  for (std::size_t i = 0; i < count; ++i) work(i);
}

}  // namespace peerpay::base
