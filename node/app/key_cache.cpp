#include "node/app/key_cache.h"

#include <array>
#include <cstring>

#include "base/check.h"
#include "crypto/hash.h"

namespace peerpay::app {

KeyCache::KeyCache(std::size_t places, std::uint64_t seed) : seed_{seed}, places_(places) {
  PEERPAY_CHECK(places > 0 && (places & (places - 1)) == 0, "the number is a power of two");
}

// Anybody may know all of a key and choose much of it, and nothing of the seed.
std::size_t KeyCache::place_of(const crypto::PublicKey& key) const {
  std::array<std::uint8_t, sizeof seed_ + sizeof key.bytes> keyed{};
  std::memcpy(keyed.data(), &seed_, sizeof seed_);
  std::memcpy(keyed.data() + sizeof seed_, key.bytes.data(), sizeof key.bytes);
  const auto hash = crypto::sha256(keyed);
  std::size_t out = 0;
  std::memcpy(&out, hash.bytes.data(), sizeof out);
  return out & (places_.size() - 1);
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
