#include "ledger/state_tree.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "base/check.h"
#include "ledger/limits.h"
#include "ledger/state_hash.h"

namespace peerpay::ledger {
namespace {

using crypto::Hash;

// Inner nodes and leaves live in pools of their own; the top bit of a node id tells which.
using NodeId = std::uint32_t;
constexpr NodeId kEmpty = UINT32_MAX;
constexpr NodeId kLeafFlag = NodeId{1} << 31;

struct Inner {
  Hash hash;
  NodeId left;
  NodeId right;
  std::uint32_t references;
  std::uint16_t bit;
};
static_assert(sizeof(Inner) == 48);

// The account id stands for the path, which is its hash: a proof of absence needs the id to find
// the record, and a path is only computed when two different accounts meet.
struct Leaf {
  AccountId id;
  Hash hash;
  std::uint32_t references;
};
static_assert(sizeof(Leaf) == 68);

// Nodes in chunks, so that growth moves nothing; freed places are used again.
template <class Node>
class NodePool {
 public:
  std::uint32_t add(Node node) {
    const std::uint32_t index = take_place();
    (*this)[index] = std::move(node);
    return index;
  }
  void remove(std::uint32_t index) { free_.push_back(index); }

  Node& operator[](std::uint32_t index) { return chunks_[index / kChunk][index % kChunk]; }
  const Node& operator[](std::uint32_t index) const {
    return chunks_[index / kChunk][index % kChunk];
  }
  std::size_t live() const { return used_ - free_.size(); }

 private:
  static constexpr std::uint32_t kChunk = 4096;

  std::uint32_t take_place() {
    if (!free_.empty()) {
      const std::uint32_t index = free_.back();
      free_.pop_back();
      return index;
    }
    PEERPAY_CHECK(used_ < kLeafFlag - 1, "node ids have 31 bits");
    if (used_ % kChunk == 0) chunks_.push_back(std::make_unique<Node[]>(kChunk));
    return used_++;
  }

  std::vector<std::unique_ptr<Node[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t used_ = 0;
};

// A record to write, and where its path leaves those that are in the tree.
struct Change {
  Hash path;
  const AccountId* id;
  const Account* account;
  std::uint16_t parts_at;  // first bit that differs from the closest leaf; kStatePathBits: none
};
using Changes = std::span<const Change>;

std::vector<Change> by_path(const StateChanges& changes) {
  std::vector<Change> out;
  out.reserve(changes.size());
  for (const auto& [id, account] : changes) {
    out.push_back({state_path(id), &id, &account, kStatePathBits});
  }
  std::sort(out.begin(), out.end(),
            [](const Change& a, const Change& b) { return a.path < b.path; });
  return out;
}

struct Parted {
  Changes left;
  Changes right;
};

// REQUIRES: ascending by path, and equal in all bits before `bit`.
Parted part(Changes changes, std::uint16_t bit) {
  const auto is_left = [bit](const Change& change) { return !path_bit(change.path, bit); };
  const auto right = std::partition_point(changes.begin(), changes.end(), is_left);
  return {{changes.begin(), right}, {right, changes.end()}};
}

bool is_leaf(NodeId node) { return (node & kLeafFlag) != 0; }

}  // namespace

// Every function that returns a NodeId hands one reference to its caller.
struct StateTree::Nodes {
  NodePool<Inner> inners;
  NodePool<Leaf> leaves;

  Inner& inner(NodeId node) { return inners[node]; }
  Leaf& leaf(NodeId node) { return leaves[node & ~kLeafFlag]; }
  const Hash& hash_of(NodeId node) { return is_leaf(node) ? leaf(node).hash : inner(node).hash; }

  NodeId add_leaf(const Change& change) {
    const Hash hash = state_leaf_hash(change.path, encode(*change.account));
    return leaves.add({*change.id, hash, 1}) | kLeafFlag;
  }

  NodeId add_inner(std::uint16_t bit, NodeId left, NodeId right) {
    const Hash hash = state_node_hash(bit, hash_of(left), hash_of(right));
    return inners.add({hash, left, right, 1, bit});
  }

  NodeId retain(NodeId node) {
    ++(is_leaf(node) ? leaf(node).references : inner(node).references);
    return node;
  }

  // Recursion is as deep as the tree: at most kStatePathBits.
  void release(NodeId node) {
    if (is_leaf(node)) {
      if (--leaf(node).references == 0) leaves.remove(node & ~kLeafFlag);
      return;
    }
    const auto [left, right] = std::pair{inner(node).left, inner(node).right};
    if (--inner(node).references > 0) return;
    inners.remove(node);
    release(left);
    release(right);
  }

  // The leaf that a walk towards `path` ends at: of all leaves, one that shares most of it.
  const Leaf& closest(NodeId node, const Hash& path) {
    while (!is_leaf(node)) {
      node = path_bit(path, inner(node).bit) ? inner(node).right : inner(node).left;
    }
    return leaf(node);
  }

  std::uint16_t parts_at(NodeId root, const Change& change) {
    const AccountId& id = closest(root, change.path).id;
    return id == *change.id ? std::uint16_t{kStatePathBits}
                            : first_difference(state_path(id), change.path);
  }

  // A tree of the changes alone. REQUIRES: not empty.
  NodeId build(Changes changes) {
    if (changes.size() == 1) return add_leaf(changes.front());
    const std::uint16_t bit = first_difference(changes.front().path, changes.back().path);
    const auto [left, right] = part(changes, bit);
    const NodeId left_node = build(left);
    return add_inner(bit, left_node, build(right));
  }

  // `node` with the changes in it. REQUIRES: a walk towards each change passes `node`.
  NodeId merge(NodeId node, Changes changes) {
    if (changes.empty()) return retain(node);
    const auto first =
        std::min_element(changes.begin(), changes.end(),
                         [](const Change& a, const Change& b) { return a.parts_at < b.parts_at; });
    const std::uint16_t bit = is_leaf(node) ? std::uint16_t{kStatePathBits} : inner(node).bit;
    if (first->parts_at < bit) return merge_above(node, changes, *first);
    if (is_leaf(node)) return add_leaf(changes.front());
    const auto [left, right] = part(changes, bit);
    const NodeId left_node = merge(inner(node).left, left);
    return add_inner(bit, left_node, merge(inner(node).right, right));
  }

  // Some changes part from all that is under `node`, `first` before the others: a new node stands
  // above it, with those that part there on its other side.
  NodeId merge_above(NodeId node, Changes changes, const Change& first) {
    const auto [left, right] = part(changes, first.parts_at);
    const bool is_node_left = path_bit(first.path, first.parts_at);
    const NodeId left_node = is_node_left ? merge(node, left) : build(left);
    const NodeId right_node = is_node_left ? build(right) : merge(node, right);
    return add_inner(first.parts_at, left_node, right_node);
  }
};

StateTree::StateTree() : nodes_{std::make_unique<Nodes>()} {}
StateTree::~StateTree() = default;

StateTree::Version StateTree::update(Version from, const StateChanges& changes) {
  if (changes.empty()) {
    if (from.node != kEmpty) nodes_->retain(from.node);
    return from;
  }
  auto sorted = by_path(changes);
  if (from.node == kEmpty) return {nodes_->build(sorted)};
  for (auto& change : sorted) change.parts_at = nodes_->parts_at(from.node, change);
  return {nodes_->merge(from.node, sorted)};
}

void StateTree::release(Version version) {
  if (version.node != kEmpty) nodes_->release(version.node);
}

StateRoot StateTree::root(Version version) const {
  if (version.node == kEmpty) return {state_empty_hash().bytes};
  return {nodes_->hash_of(version.node).bytes};
}

StateProof StateTree::prove(Version version, const AccountId& id, const StateView& state) const {
  StateProof proof;
  if (version.node == kEmpty) return proof;
  const Hash path = state_path(id);
  NodeId node = version.node;
  while (!is_leaf(node)) {
    const Inner& inner = nodes_->inner(node);
    const bool is_right = path_bit(path, inner.bit);
    proof.steps.push_back({inner.bit, nodes_->hash_of(is_right ? inner.left : inner.right)});
    node = is_right ? inner.right : inner.left;
  }
  const Leaf& leaf = nodes_->leaf(node);
  const Account* account = state.account(leaf.id);
  PEERPAY_CHECK(account != nullptr, "the state of a version has a record for each of its leaves");
  proof.leaf = StateProof::Leaf{state_path(leaf.id), encode(*account)};
  PEERPAY_CHECK(leaf.hash == state_leaf_hash(proof.leaf->path, proof.leaf->record),
                "a proof is made from the state of its version");
  return proof;
}

std::size_t StateTree::nodes_live() const { return nodes_->inners.live() + nodes_->leaves.live(); }

}  // namespace peerpay::ledger
