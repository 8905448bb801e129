#pragma once
// Times as the figures of a report have them.

#include "base/time.h"

namespace peerpay::bench {

[[nodiscard]] inline double seconds_of(base::Duration time) {
  return static_cast<double>(time.microseconds) / 1e6;
}
[[nodiscard]] inline double milliseconds_of(base::Duration time) {
  return static_cast<double>(time.microseconds) / 1e3;
}

}  // namespace peerpay::bench
