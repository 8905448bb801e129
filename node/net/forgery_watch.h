#pragma once
// ForgeryWatch: which hosts send payments with wrong signatures. Pure.
//
// Such a payment costs its sender nothing and its receiver a signature check. An honest wallet
// sends none, and whoever passes on what strangers sign checks it before (the gateway does).

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/time.h"

namespace peerpay::net {

// Wrong signatures that a host may send at once; then one in kForgeryInterval.
inline constexpr std::size_t kForgeriesBurst = 16;
inline constexpr base::Duration kForgeryInterval = base::seconds(1);

class ForgeryWatch {
 public:
  // Hosts that are counted at a time; of more, the later ones are not.
  static constexpr std::size_t kHostsMax = 4'096;

  // `count` more payments of `host` had wrong signatures. True when it has sent too many.
  [[nodiscard]] bool is_flood(const std::string& host, std::size_t count, base::TimePoint now);

  [[nodiscard]] std::size_t hosts() const { return forgeries_.size(); }

 private:
  void forgive(base::TimePoint now);

  std::map<std::string, std::size_t> forgeries_;  // not yet forgiven
  base::TimePoint forgiven_;                      // until here
};

}  // namespace peerpay::net
