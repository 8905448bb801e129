#include "node/app/verdict_cache.h"

#include <cstring>
#include <utility>

namespace peerpay::app {

// The bytes are a SHA-256 result: any eight of them are a good hash.
std::size_t VerdictCache::HashOfHash::operator()(const crypto::Hash& hash) const {
  std::size_t out = 0;
  std::memcpy(&out, hash.bytes.data(), sizeof out);
  return out;
}

bool VerdictCache::contains(const crypto::Hash& leaf) const {
  const std::lock_guard lock{mutex_};
  return newer_.contains(leaf) || older_.contains(leaf);
}

void VerdictCache::insert(const crypto::Hash& leaf) {
  const std::lock_guard lock{mutex_};
  newer_.insert(leaf);
  if (newer_.size() < generation_max_) return;
  older_ = std::exchange(newer_, {});
}

}  // namespace peerpay::app
