#pragma once
// Order statistics of measured durations. All samples are kept, so no percentile is interpolated
// from buckets.

#include <cstdint>
#include <vector>

#include "base/time.h"

namespace peerpay::bench {

class Latencies {
 public:
  void add(base::Duration sample) { samples_.push_back(sample); }
  void add(const Latencies& others);
  [[nodiscard]] std::size_t count() const { return samples_.size(); }

  // The smallest sample that at least `percent` of all samples do not exceed (nearest rank); zero
  // when there is none. REQUIRES: 0 < percent <= 100.
  [[nodiscard]] base::Duration percentile(unsigned percent) const;

 private:
  std::vector<base::Duration> samples_;
};

}  // namespace peerpay::bench
