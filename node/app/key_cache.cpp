#include "node/app/key_cache.h"

#include <cstring>

#include "base/check.h"

namespace peerpay::app {

KeyCache::KeyCache(std::size_t places, std::uint64_t seed) : seed_{seed}, places_(places) {
  PEERPAY_CHECK(places > 0 && (places & (places - 1)) == 0, "the number is a power of two");
}

// Anybody may know all of a key and choose much of it, and nothing of the seed.
std::size_t KeyCache::place_of(const crypto::PublicKey& key) const {
  constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
  constexpr unsigned kHalf = 32;
  std::uint64_t mixed = seed_;
  for (std::size_t at = 0; at < key.bytes.size(); at += sizeof mixed) {
    std::uint64_t word = 0;
    std::memcpy(&word, key.bytes.data() + at, sizeof word);
    mixed = (mixed ^ word ^ seed_) * kOdd;
    mixed ^= mixed >> kHalf;
  }
  return mixed & (places_.size() - 1);
}

std::optional<crypto::VerifyKey> KeyCache::get(const crypto::PublicKey& key) {
  const auto place = place_of(key);
  {
    const std::lock_guard lock{mutex_};
    if (places_[place].ready && places_[place].key == key) return places_[place].ready;
  }
  const auto ready = crypto::VerifyKey::from(key);
  if (!ready) return std::nullopt;
  const std::lock_guard lock{mutex_};
  places_[place] = {key, ready};
  return ready;
}

}  // namespace peerpay::app
