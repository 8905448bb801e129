#include "tests/support/ledger/naive_state_tree.h"

#include <map>
#include <string>
#include <vector>

#include "crypto/hash.h"

namespace peerpay::ledger::test {
namespace {

using base::Bytes;
using crypto::Hash;
using crypto::Tag;

struct Item {
  std::string path;  // 256 characters, '0' or '1'
  Hash hash;
};

std::string bits_of(const Hash& hash) {
  std::string bits;
  for (const auto byte : hash.bytes) {
    for (int i = 7; i >= 0; --i) bits.push_back((byte >> i) % 2 == 1 ? '1' : '0');
  }
  return bits;
}

Bytes joined(const std::vector<base::ByteView>& parts) {
  Bytes out;
  for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Hash root_of(const std::vector<Item>& items) {
  if (items.size() == 1) return items.front().hash;
  std::size_t bit = 0;
  const auto all_agree = [&] {
    for (const auto& item : items) {
      if (item.path[bit] != items.front().path[bit]) return false;
    }
    return true;
  };
  while (all_agree()) ++bit;
  std::vector<Item> left;
  std::vector<Item> right;
  for (const auto& item : items) (item.path[bit] == '0' ? left : right).push_back(item);
  const Bytes index{static_cast<std::uint8_t>(bit % 256), static_cast<std::uint8_t>(bit / 256)};
  const Hash left_hash = root_of(left);
  const Hash right_hash = root_of(right);
  return crypto::tagged_hash(Tag::kStateNode, joined({index, left_hash.view(), right_hash.view()}));
}

}  // namespace

StateRoot naive_state_root(const StateChanges& accounts) {
  if (accounts.empty()) return {crypto::tagged_hash(Tag::kStateEmpty, base::ByteView{}).bytes};
  std::vector<Item> items;
  for (const auto& [id, account] : accounts) {
    const Bytes kind{0};
    const Hash path = crypto::tagged_hash(Tag::kStateKey, joined({kind, id.view()}));
    const Bytes record = encode(account);
    items.push_back(
        {bits_of(path), crypto::tagged_hash(Tag::kStateLeaf, joined({path.view(), record}))});
  }
  return {root_of(items).bytes};
}

}  // namespace peerpay::ledger::test
