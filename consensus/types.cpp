#include "consensus/types.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "consensus/limits.h"

namespace peerpay::consensus {
namespace {

bool are_distinct(std::vector<crypto::PublicKey> keys) {
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
}

}  // namespace

ValidatorSet::ValidatorSet(std::vector<crypto::PublicKey> keys) : keys_{std::move(keys)} {
  PEERPAY_CHECK(!keys_.empty() && keys_.size() <= kValidatorsMax, "1 to 128 validators");
  PEERPAY_CHECK(are_distinct(keys_), "a key with two seats would be counted twice");
}

ValidatorIndex ValidatorSet::leader(std::uint64_t epoch, View view) const {
  PEERPAY_CHECK(view.value > 0, "the genesis has no leader");
  return ValidatorIndex{
      static_cast<std::uint32_t>((epoch % size() + view.value % size()) % size())};
}

const crypto::PublicKey& ValidatorSet::key(ValidatorIndex index) const {
  PEERPAY_CHECK(contains(index), "key of a validator that is not in the set");
  return keys_[index.value];
}

std::optional<ValidatorIndex> ValidatorSet::index_of(const crypto::PublicKey& key) const {
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  if (found == keys_.end()) return std::nullopt;
  return ValidatorIndex{static_cast<std::uint32_t>(found - keys_.begin())};
}

}  // namespace peerpay::consensus
