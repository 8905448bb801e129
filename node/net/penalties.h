#pragma once
// Penalties: which sources (base/os/ip_source.h) are refused, and until when. Pure.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/time.h"

namespace peerpay::net {

class Penalties {
 public:
  // The first; each that follows soon (within kMemory of the end of the last) is twice as long.
  static constexpr base::Duration kFirst = base::seconds(5);
  static constexpr base::Duration kLongest = base::seconds(20);
  static constexpr base::Duration kMemory = base::seconds(60);
  // Of more sources, the later ones are not refused.
  static constexpr std::size_t kSourcesMax = 4'096;

  // Does nothing while the source is refused anyway: what it did before was one deed.
  void add(const std::string& source, base::TimePoint now);
  [[nodiscard]] bool refuses(const std::string& source, base::TimePoint now) const;
  // Those that are no longer of any consequence.
  void forget(base::TimePoint now);

 private:
  struct Penalty {
    base::TimePoint end;
    base::Duration length;
  };
  std::map<std::string, Penalty> by_source_;
};

}  // namespace peerpay::net
