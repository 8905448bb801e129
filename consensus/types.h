#pragma once
// What consensus talks about: views, validators, digests, and the sets of validators that decide.
// A digest is 32 opaque bytes; consensus never asks what they mean.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/strong.h"
#include "crypto/keys.h"

namespace peerpay::consensus {

// View 0 is the genesis: implicitly finalized, without a certificate. Views only grow.
using View = base::Strong<struct ViewTag, std::uint64_t>;
// Position in the validator set.
using ValidatorIndex = base::Strong<struct ValidatorIndexTag, std::uint32_t>;
// What is ordered (for peerpay: a block hash).
using Digest = base::FixedBytes<struct DigestTag, 32>;
// The network that votes are for; part of every signed message (for peerpay: the chain id).
using NetworkId = base::FixedBytes<struct NetworkIdTag, 32>;

// Part of every signed message, so that no vote counts in another network or validator set.
struct Context {
  NetworkId network;
  std::uint64_t epoch = 0;
};

// The members of one epoch, in the order that names leaders.
class ValidatorSet {
 public:
  // REQUIRES: 1 to 128 keys, no two alike.
  explicit ValidatorSet(std::vector<crypto::PublicKey> keys);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(keys_.size()); }
  // Largest number of Byzantine members that is tolerated: floor((n - 1) / 3).
  [[nodiscard]] std::uint32_t faulty_max() const { return (size() - 1) / 3; }
  // n - faulty_max: any two quorums share an honest member.
  [[nodiscard]] std::uint32_t quorum() const { return size() - faulty_max(); }
  // Round robin: validators[(epoch + view) mod n]. REQUIRES: view > 0.
  [[nodiscard]] ValidatorIndex leader(std::uint64_t epoch, View view) const;
  [[nodiscard]] bool contains(ValidatorIndex index) const { return index.value < size(); }
  // REQUIRES: contains(index).
  [[nodiscard]] const crypto::PublicKey& key(ValidatorIndex index) const;
  [[nodiscard]] std::optional<ValidatorIndex> index_of(const crypto::PublicKey& key) const;

 private:
  std::vector<crypto::PublicKey> keys_;
};

}  // namespace peerpay::consensus
