#pragma once
// VerdictCache: which signed things have been found valid, so that each is verified once per node
// however often it arrives. Transactions go by the hash of the signed bytes (a changed signature is
// another transaction), certificates by what they certify (held_certificates.h). Only positive
// verdicts are kept: a flood of bad signatures can't push out good ones.
//
// Two generations: when the newer one is full it becomes the older and the older is forgotten, so
// what was looked up lately stays, in bounded memory. Thread-safe.

#include <cstddef>
#include <mutex>
#include <unordered_set>

#include "crypto/hash.h"

namespace peerpay::app {

class VerdictCache {
 public:
  explicit VerdictCache(std::size_t generation_max) : generation_max_{generation_max} {}

  [[nodiscard]] bool contains(const crypto::Hash& leaf) const;
  void insert(const crypto::Hash& leaf);

 private:
  struct HashOfHash {
    std::size_t operator()(const crypto::Hash& hash) const;
  };
  using Generation = std::unordered_set<crypto::Hash, HashOfHash>;

  const std::size_t generation_max_;
  mutable std::mutex mutex_;
  Generation newer_;  // guarded by mutex_
  Generation older_;  // guarded by mutex_
};

}  // namespace peerpay::app
