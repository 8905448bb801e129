#include "bench/latency.h"

#include <algorithm>

#include "base/check.h"

namespace peerpay::bench {

void Latencies::add(const Latencies& others) {
  samples_.insert(samples_.end(), others.samples_.begin(), others.samples_.end());
}

base::Duration Latencies::percentile(unsigned percent) const {
  PEERPAY_CHECK(percent > 0 && percent <= 100, "a percentile is above 0 and at most 100");
  if (samples_.empty()) return {};
  const std::size_t rank = (samples_.size() * percent + 99) / 100;
  auto sorted = samples_;
  const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(sorted.begin(), nth, sorted.end());
  return *nth;
}

}  // namespace peerpay::bench
