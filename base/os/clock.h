#pragma once
// The only place that reads a clock. Pure code receives the Now of its event.

#include "base/time.h"

namespace peerpay::os {

// The monotonic clock and the wall clock, read one after the other. The wall clock may jump either
// way between two calls; before 1970 it reads as 0. Callable from any thread.
[[nodiscard]] base::Now read_clock();

}  // namespace peerpay::os
