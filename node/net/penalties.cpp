#include "node/net/penalties.h"

#include <algorithm>

namespace peerpay::net {

void Penalties::add(const std::string& source, base::TimePoint now) {
  const auto last = by_source_.find(source);
  if (last == by_source_.end()) {
    if (by_source_.size() < kSourcesMax) by_source_[source] = {now + kFirst, kFirst};
    return;
  }
  if (now < last->second.end) return;
  const bool is_soon = now - last->second.end < kMemory;
  const auto length = is_soon ? std::min(last->second.length * 2, kLongest) : kFirst;
  last->second = {now + length, length};
}

bool Penalties::refuses(const std::string& source, base::TimePoint now) const {
  const auto found = by_source_.find(source);
  return found != by_source_.end() && now < found->second.end;
}

void Penalties::forget(base::TimePoint now) {
  std::erase_if(by_source_, [now](const auto& entry) { return now - entry.second.end >= kMemory; });
}

}  // namespace peerpay::net
