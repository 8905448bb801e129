#pragma once
// KeyCache: public keys of late, decompressed. Whoever pays often is checked an eighth faster.
//
// Each key has one place, by a hash that nobody outside the process knows, and the newest key has
// it: bounded, and nothing that anybody sends makes it slower than no cache. Thread-safe.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "crypto/signature.h"

namespace peerpay::app {

class KeyCache {
 public:
  // `places` is a power of two; 104 bytes each. `seed`: random.
  KeyCache(std::size_t places, std::uint64_t seed);

  // As VerifyKey::from.
  [[nodiscard]] std::optional<crypto::VerifyKey> get(const crypto::PublicKey& key);
  // The number of its place: by SHA-256 of the seed and the key.
  [[nodiscard]] std::size_t place_of(const crypto::PublicKey& key) const;

 private:
  struct Place {
    crypto::PublicKey key;
    std::optional<crypto::VerifyKey> ready;
  };
  const std::uint64_t seed_;
  std::mutex mutex_;
  std::vector<Place> places_;  // guarded by mutex_, but for its size
};

}  // namespace peerpay::app
