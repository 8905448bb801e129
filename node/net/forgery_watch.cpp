#include "node/net/forgery_watch.h"

#include <algorithm>

namespace peerpay::net {
namespace {

// More are not remembered: whoever stops is heard again within a minute.
constexpr std::size_t kRememberedMax = 4 * kForgeriesBurst;

}  // namespace

bool ForgeryWatch::is_flood(const std::string& host, std::size_t count, base::TimePoint now) {
  if (count == 0) return false;
  forgive(now);
  if (forgeries_.size() >= kHostsMax && !forgeries_.contains(host)) return false;
  std::size_t& forgeries = forgeries_[host];
  forgeries = std::min(kRememberedMax, forgeries + std::min(count, kRememberedMax));
  return forgeries > kForgeriesBurst;
}

void ForgeryWatch::forgive(base::TimePoint now) {
  const auto passed = (now - forgiven_).microseconds / kForgeryInterval.microseconds;
  if (passed <= 0) return;
  // What is left of an interval counts next time.
  forgiven_ = forgiven_ + kForgeryInterval * passed;
  const auto forgiven = static_cast<std::size_t>(passed);
  for (auto& [host, forgeries] : forgeries_) forgeries -= std::min(forgeries, forgiven);
  std::erase_if(forgeries_, [](const auto& entry) { return entry.second == 0; });
}

}  // namespace peerpay::net
