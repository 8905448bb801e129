#pragma once
// HashMap: a hash table in flat memory, for keys of bytes that anyone may choose.
//
// Its hash differs from process to process, so nobody can prepare keys that collide, and nothing
// may depend on the order in which it is walked. Pure rules keep to tables that order themselves.

#include <absl/container/flat_hash_map.h>
#include <absl/hash/hash.h>

#include <cstddef>

#include "base/bytes.h"

namespace peerpay::base {

struct BytesHash {
  template <class Fixed>
  std::size_t operator()(const Fixed& key) const {
    return absl::HashOf(key.bytes);
  }
};

// `Key` is a FixedBytes. Pointers and iterators end with the next insertion.
template <class Key, class Value>
using HashMap = absl::flat_hash_map<Key, Value, BytesHash>;

}  // namespace peerpay::base
