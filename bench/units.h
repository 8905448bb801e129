#pragma once
// Times and sizes as the figures of a report have them.

#include <cstdint>

#include "base/time.h"

namespace peerpay::bench {

[[nodiscard]] inline double seconds_of(base::Duration time) {
  return static_cast<double>(time.microseconds) / 1e6;
}
[[nodiscard]] inline double milliseconds_of(base::Duration time) {
  return static_cast<double>(time.microseconds) / 1e3;
}
[[nodiscard]] inline double mebibytes_of(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1024.0 * 1024.0);
}

}  // namespace peerpay::bench
