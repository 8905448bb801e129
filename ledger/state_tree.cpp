#include "ledger/state_tree.h"

#include <algorithm>
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

// A node holds the hashes of its children, so that an update reads the nodes on its path and none
// of their siblings. Its own hash stands in its parent, or in the version whose root it is.
struct Inner {
  Hash left_hash;
  Hash right_hash;
  NodeId left = 0;
  NodeId right = 0;
  std::uint32_t references = 0;
  std::uint16_t bit = 0;
};
static_assert(sizeof(Inner) == 80);

// The account id stands for the path, which is its hash: a proof of absence needs the id to find
// the record, and a path is only computed when two different accounts meet.
struct Leaf {
  AccountId id;
  std::uint32_t references = 0;
};
static_assert(sizeof(Leaf) == 36);

// A node and its hash.
struct Subtree {
  NodeId node = 0;
  Hash hash;
};

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
  const AccountId* id;
  const Account* account;
  Hash path;
  Hash leaf;
  std::uint16_t parts_at;  // first bit that differs from the closest leaf; kStatePathBits: none
};
using Changes = std::span<const Change>;

template <class Accounts>
std::vector<Change> by_path(const Accounts& accounts, const base::ForEach& for_each) {
  std::vector<Change> out;
  out.reserve(accounts.size());
  for (const auto& [id, account] : accounts) out.push_back({&id, &account, {}, {}, kStatePathBits});
  for_each(out.size(), [&](std::size_t i) {
    out[i].path = state_path(*out[i].id);
    out[i].leaf = state_leaf_hash(out[i].path, encode(*out[i].account));
  });
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

// Every function that returns a node hands one reference to its caller.
struct StateTree::Nodes {
  NodePool<Inner> inners;
  NodePool<Leaf> leaves;

  Inner& inner(NodeId node) { return inners[node]; }
  Leaf& leaf(NodeId node) { return leaves[node & ~kLeafFlag]; }

  Subtree add_leaf(const Change& change) {
    return {leaves.add({*change.id, 1}) | kLeafFlag, change.leaf};
  }

  Subtree add_inner(std::uint16_t bit, const Subtree& left, const Subtree& right) {
    const NodeId node = inners.add({left.hash, right.hash, left.node, right.node, 1, bit});
    return {node, state_node_hash(bit, left.hash, right.hash)};
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
  Subtree build(Changes changes) {
    if (changes.size() == 1) return add_leaf(changes.front());
    const std::uint16_t bit = first_difference(changes.front().path, changes.back().path);
    const auto [left, right] = part(changes, bit);
    const Subtree left_tree = build(left);
    return add_inner(bit, left_tree, build(right));
  }

  // `tree` with the changes in it. REQUIRES: a walk towards each change passes its node.
  Subtree merge(const Subtree& tree, Changes changes) {
    if (changes.empty()) return {retain(tree.node), tree.hash};
    const auto first =
        std::min_element(changes.begin(), changes.end(),
                         [](const Change& a, const Change& b) { return a.parts_at < b.parts_at; });
    const std::uint16_t bit =
        is_leaf(tree.node) ? std::uint16_t{kStatePathBits} : inner(tree.node).bit;
    if (first->parts_at < bit) return merge_above(tree, changes, *first);
    if (is_leaf(tree.node)) return {retain(tree.node), first->leaf};
    const Inner& node = inner(tree.node);
    const auto [left, right] = part(changes, bit);
    const Subtree left_tree = merge({node.left, node.left_hash}, left);
    return add_inner(bit, left_tree, merge({node.right, node.right_hash}, right));
  }

  // Some changes part from all that is in `tree`, `first` before the others: a new node stands
  // above it, with those that part there on its other side.
  Subtree merge_above(const Subtree& tree, Changes changes, const Change& first) {
    const auto [left, right] = part(changes, first.parts_at);
    const bool is_tree_left = path_bit(first.path, first.parts_at);
    const Subtree left_tree = is_tree_left ? merge(tree, left) : build(left);
    const Subtree right_tree = is_tree_left ? build(right) : merge(tree, right);
    return add_inner(first.parts_at, left_tree, right_tree);
  }
};

namespace {

StateTree::Version version_of(const Subtree& tree) { return {tree.node, {tree.hash.bytes}}; }

}  // namespace

StateTree::StateTree() : nodes_{std::make_unique<Nodes>()} {}
StateTree::~StateTree() = default;
StateTree::StateTree(StateTree&&) noexcept = default;
StateTree& StateTree::operator=(StateTree&&) noexcept = default;

StateTree::Version StateTree::build(const AccountTable& accounts, const base::ForEach& for_each) {
  if (accounts.size() == 0) return {};
  return version_of(nodes_->build(by_path(accounts, for_each)));
}

StateTree::Version StateTree::update(Version from, const StateChanges& changes) {
  if (changes.empty()) {
    if (from.node != kEmpty) nodes_->retain(from.node);
    return from;
  }
  auto sorted = by_path(changes, base::for_each_in_order);
  if (from.node == kEmpty) return version_of(nodes_->build(sorted));
  for (auto& change : sorted) change.parts_at = nodes_->parts_at(from.node, change);
  return version_of(nodes_->merge({from.node, {from.root.bytes}}, sorted));
}

void StateTree::release(Version version) {
  if (version.node != kEmpty) nodes_->release(version.node);
}

StateRoot StateTree::root(Version version) const {
  return version.node == kEmpty ? StateRoot{state_empty_hash().bytes} : version.root;
}

StateProof StateTree::prove(Version version, const AccountId& id, const StateView& state) const {
  StateProof proof;
  if (version.node == kEmpty) return proof;
  const Hash path = state_path(id);
  Subtree at{version.node, {version.root.bytes}};
  while (!is_leaf(at.node)) {
    const Inner& inner = nodes_->inner(at.node);
    const bool is_right = path_bit(path, inner.bit);
    proof.steps.push_back({inner.bit, is_right ? inner.left_hash : inner.right_hash});
    at = is_right ? Subtree{inner.right, inner.right_hash} : Subtree{inner.left, inner.left_hash};
  }
  const AccountId& found = nodes_->leaf(at.node).id;
  const Account* account = state.account(found);
  PEERPAY_CHECK(account != nullptr, "the state of a version has a record for each of its leaves");
  proof.leaf = StateProof::Leaf{state_path(found), encode(*account)};
  PEERPAY_CHECK(at.hash == state_leaf_hash(proof.leaf->path, proof.leaf->record),
                "a proof is made from the state of its version");
  return proof;
}

std::size_t StateTree::nodes_live() const { return nodes_->inners.live() + nodes_->leaves.live(); }

}  // namespace peerpay::ledger
