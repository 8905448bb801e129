#pragma once
// Activity: who was heard lately (rule C20). Silence is counted in busy time, which stands still
// while the network is idle: nobody is silent because there was nothing to say.

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "consensus/types.h"

namespace peerpay::consensus {

class Activity {
 public:
  // Everybody counts as heard at the start.
  explicit Activity(std::uint32_t validators) : heard_(validators) {}

  void set_busy(bool busy, base::TimePoint now);
  // REQUIRES for all below: signer is a member.
  void heard(ValidatorIndex signer, base::TimePoint now);
  [[nodiscard]] bool is_silent(ValidatorIndex signer, base::Duration limit,
                               base::TimePoint now) const;
  // Validators that are not silent.
  [[nodiscard]] std::uint32_t active_count(base::Duration limit, base::TimePoint now) const;

 private:
  base::Duration busy_time(base::TimePoint now) const;

  std::vector<base::Duration> heard_;  // at which busy time, by signer
  bool busy_ = false;
  base::Duration busy_before_;  // of earlier busy spells
  base::TimePoint busy_since_;
};

}  // namespace peerpay::consensus
