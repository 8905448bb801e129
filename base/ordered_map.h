#pragma once
// OrderedMap: as std::map, in a fraction of its memory and time: many entries share a node.
//
// For keys that anyone may choose: unlike a hash table it has no worst case that they could aim at.

#include <absl/container/btree_map.h>

namespace peerpay::base {

// References, pointers and iterators end with the next insertion.
template <class Key, class Value>
using OrderedMap = absl::btree_map<Key, Value>;

}  // namespace peerpay::base
