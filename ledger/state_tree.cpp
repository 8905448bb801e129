#include "ledger/state_tree.h"

#include <algorithm>
#include <array>
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

// What a walk reads, apart from the hashes: a walk through a large tree waits for memory, and of
// these five lie in a cache line.
struct Inner {
  NodeId left = 0;
  NodeId right = 0;
  std::uint16_t bit = 0;
};
static_assert(sizeof(Inner) == 12);

// A node holds the hashes of its children, so that an update reads the nodes on its path and none
// of their siblings. Its own hash stands in its parent, or in the version whose root it is.
struct alignas(64) ChildHashes {
  Hash left;
  Hash right;
};
static_assert(sizeof(ChildHashes) == 64);

// The account id stands for the path, which is its hash: a proof of absence needs the id to find
// the record, and a path is only computed when two different accounts meet.
struct Leaf {
  AccountId id;
};

// A node and its hash.
struct Subtree {
  NodeId node = 0;
  Hash hash;
};

// Elements in chunks, so that growth moves nothing.
template <class T>
class Chunks {
 public:
  // For the elements below `count`.
  void make_room(std::uint32_t count) {
    while (chunks_.size() * kChunk < count) chunks_.push_back(std::make_unique<T[]>(kChunk));
  }
  T& operator[](std::uint32_t index) { return chunks_[index / kChunk][index % kChunk]; }

 private:
  static constexpr std::uint32_t kChunk = 4096;
  std::vector<std::unique_ptr<T[]>> chunks_;
};

// Nodes with the number of their parents and versions. Freed places are used again.
template <class Node>
class NodePool {
 public:
  // With one reference.
  std::uint32_t add(Node node) {
    const std::uint32_t index = take_place();
    nodes_[index] = std::move(node);
    references_[index] = 1;
    return index;
  }
  // So many nodes in a row, with one reference each, and no freed place among them: the first.
  std::uint32_t add_row(std::size_t count) {
    PEERPAY_CHECK(count < kLeafFlag - used_, "node ids have 31 bits");
    const std::uint32_t first = used_;
    used_ += static_cast<std::uint32_t>(count);
    nodes_.make_room(used_);
    references_.make_room(used_);
    for (std::uint32_t index = first; index < used_; ++index) references_[index] = 1;
    return first;
  }
  void retain(std::uint32_t index) { ++references_[index]; }
  // True when that was the last one: the node is gone, and may be read until the next add.
  bool release(std::uint32_t index) {
    if (--references_[index] > 0) return false;
    free_.push_back(index);
    return true;
  }

  Node& operator[](std::uint32_t index) { return nodes_[index]; }
  std::size_t live() const { return used_ - free_.size(); }

 private:
  std::uint32_t take_place() {
    if (!free_.empty()) {
      const std::uint32_t index = free_.back();
      free_.pop_back();
      return index;
    }
    PEERPAY_CHECK(used_ < kLeafFlag - 1, "node ids have 31 bits");
    nodes_.make_room(++used_);
    references_.make_room(used_);
    return used_ - 1;
  }

  Chunks<Node> nodes_;
  Chunks<std::uint32_t> references_;  // apart: siblings of a path are counted and not read
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
constexpr std::size_t kWalksAtOnce = 8;

bool precedes(const Change& a, const Change& b) { return a.path < b.path; }

template <class Accounts>
std::vector<Change> hashed(const Accounts& accounts, const base::ForEach& for_each) {
  std::vector<Change> out;
  out.reserve(accounts.size());
  for (const auto& [id, account] : accounts) out.push_back({&id, &account, {}, {}, kStatePathBits});
  for_each(out.size(), [&](std::size_t i) {
    out[i].path = state_path(*out[i].id);
    out[i].leaf = state_leaf_hash(out[i].path, encode(*out[i].account));
  });
  return out;
}

// 2^kPartBits parts that follow each other, each in no order and perhaps empty: enough for the
// cores there are to end at about the same time.
constexpr std::uint16_t kPartBits = 8;
std::vector<std::span<Change>> part_by_first_bits(std::span<Change> changes,
                                                  const base::ForEach& for_each) {
  std::vector<std::span<Change>> parts{changes};
  for (std::uint16_t bit = 0; bit < kPartBits; ++bit) {
    std::vector<std::span<Change>> halves(2 * parts.size());
    for_each(parts.size(), [&](std::size_t i) {
      const auto right =
          std::partition(parts[i].begin(), parts[i].end(),
                         [bit](const Change& change) { return !path_bit(change.path, bit); });
      halves[2 * i] = {parts[i].begin(), right};
      halves[2 * i + 1] = {right, parts[i].end()};
    });
    parts = std::move(halves);
  }
  return parts;
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
  Chunks<ChildHashes> child_hashes;  // of the inner node of the same index
  NodePool<Leaf> leaves;

  Inner& inner(NodeId node) { return inners[node]; }
  Leaf& leaf(NodeId node) { return leaves[node & ~kLeafFlag]; }

  Subtree add_leaf(const Change& change) {
    return {leaves.add({*change.id}) | kLeafFlag, change.leaf};
  }

  Subtree add_inner(std::uint16_t bit, const Subtree& left, const Subtree& right) {
    const NodeId node = inners.add({});
    child_hashes.make_room(node + 1);
    return put_inner(node, bit, left, right);
  }

  Subtree put_inner(NodeId node, std::uint16_t bit, const Subtree& left, const Subtree& right) {
    inners[node] = {left.node, right.node, bit};
    child_hashes[node] = {left.hash, right.hash};
    return {node, state_node_hash(bit, left.hash, right.hash)};
  }

  NodeId retain(NodeId node) {
    is_leaf(node) ? leaves.retain(node & ~kLeafFlag) : inners.retain(node);
    return node;
  }

  // Recursion is as deep as the tree: at most kStatePathBits.
  void release(NodeId node) {
    if (is_leaf(node)) {
      leaves.release(node & ~kLeafFlag);
      return;
    }
    if (!inners.release(node)) return;
    const auto [left, right] = std::pair{inner(node).left, inner(node).right};
    release(left);
    release(right);
  }

  // All that an update reads of a node.
  void prefetch(NodeId node) {
    if (is_leaf(node)) return __builtin_prefetch(&leaf(node));
    __builtin_prefetch(&inner(node));
    __builtin_prefetch(&child_hashes[node]);
  }

  // The leaves that walks towards the changes end at: of all leaves, each shares most of the path.
  // A walk waits for memory at every step, so several go side by side.
  std::array<NodeId, kWalksAtOnce> closest(NodeId root, Changes changes) {
    std::array<NodeId, kWalksAtOnce> at{};
    at.fill(root);
    for (bool is_walking = true; is_walking;) {
      is_walking = false;
      for (std::size_t i = 0; i < changes.size(); ++i) {
        if (is_leaf(at[i])) continue;
        const Inner& node = inner(at[i]);
        at[i] = path_bit(changes[i].path, node.bit) ? node.right : node.left;
        prefetch(at[i]);
        is_walking = true;
      }
    }
    return at;
  }

  void find_where_they_part(NodeId root, std::span<Change> changes) {
    while (!changes.empty()) {
      const auto some = changes.first(std::min(changes.size(), kWalksAtOnce));
      const auto ends = closest(root, some);
      for (std::size_t i = 0; i < some.size(); ++i) {
        const AccountId& id = leaf(ends[i]).id;
        if (id != *some[i].id) some[i].parts_at = first_difference(state_path(id), some[i].path);
      }
      changes = changes.subspan(some.size());
    }
  }

  // Where a new tree has its nodes: wherever there is room.
  struct AnyPlaces {
    Nodes& nodes;
    Subtree leaf(const Change& change) const { return nodes.add_leaf(change); }
    Subtree inner(std::uint16_t bit, const Subtree& left, const Subtree& right, Changes) const {
      return nodes.add_inner(bit, left, right);
    }
  };

  // Or leaves in the order of their paths, and between each two the one node that parts them: then
  // parts of a tree can be built side by side.
  struct Row {
    Nodes& nodes;
    const Change* begin;
    std::uint32_t leaves_begin;
    std::uint32_t inners_begin;
    [[nodiscard]] std::uint32_t position(Changes changes) const {
      return static_cast<std::uint32_t>(changes.data() - begin);
    }
    Subtree leaf(const Change& change) const {
      const std::uint32_t node = leaves_begin + position({&change, 1});
      nodes.leaves[node] = {*change.id};
      return {node | kLeafFlag, change.leaf};
    }
    Subtree inner(std::uint16_t bit, const Subtree& left, const Subtree& right,
                  Changes on_right) const {
      return nodes.put_inner(inners_begin + position(on_right) - 1, bit, left, right);
    }
  };

  Row add_row(Changes changes) {
    const std::size_t parting = changes.size() - 1;
    const Row out{*this, changes.data(), leaves.add_row(changes.size()), inners.add_row(parting)};
    child_hashes.make_room(out.inners_begin + static_cast<std::uint32_t>(parting));
    return out;
  }

  // A tree of the changes alone. REQUIRES: not empty, as for all that build.
  template <class Places>
  Subtree build(Changes changes, const Places& places) {
    if (changes.size() == 1) return places.leaf(changes.front());
    const std::uint16_t bit = first_difference(changes.front().path, changes.back().path);
    const auto [left, right] = part(changes, bit);
    const Subtree left_tree = build(left, places);
    return places.inner(bit, left_tree, build(right, places), right);
  }
  Subtree build(Changes changes) { return build(changes, AnyPlaces{*this}); }

  struct Part {
    std::span<Change> changes;
    Subtree tree;
  };

  // One tree of those of the parts. REQUIRES: ascending, no first bits shared by two of them.
  Subtree join(std::span<const Part> parts, const Row& row) {
    if (parts.size() == 1) return parts.front().tree;
    const std::uint16_t bit =
        first_difference(parts.front().changes.front().path, parts.back().changes.front().path);
    const auto right = std::partition_point(parts.begin(), parts.end(), [bit](const Part& each) {
      return !path_bit(each.changes.front().path, bit);
    });
    const Subtree left_tree = join({parts.begin(), right}, row);
    return row.inner(bit, left_tree, join({right, parts.end()}, row), right->changes);
  }

  // Of changes in no order, so many that `for_each` is worth it.
  Subtree build_in_parts(std::vector<Change> changes, const base::ForEach& for_each) {
    const Row row = add_row(changes);
    std::vector<Part> parts;
    for (const auto& each : part_by_first_bits(changes, for_each)) {
      if (!each.empty()) parts.push_back({each, {}});
    }
    for_each(parts.size(), [&](std::size_t i) {
      std::sort(parts[i].changes.begin(), parts[i].changes.end(), precedes);
      parts[i].tree = build(parts[i].changes, row);
    });
    return join(parts, row);
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
    const Inner node = inner(tree.node);
    const ChildHashes& hashes = child_hashes[tree.node];
    const auto [left, right] = part(changes, bit);
    const Subtree left_tree = merge({node.left, hashes.left}, left);
    return add_inner(bit, left_tree, merge({node.right, hashes.right}, right));
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
  return version_of(nodes_->build_in_parts(hashed(accounts, for_each), for_each));
}

StateTree::Version StateTree::update(Version from, const StateChanges& changes) {
  if (changes.empty()) {
    if (from.node != kEmpty) nodes_->retain(from.node);
    return from;
  }
  auto sorted = hashed(changes, base::for_each_in_order);
  std::sort(sorted.begin(), sorted.end(), precedes);
  if (from.node == kEmpty) return version_of(nodes_->build(sorted));
  nodes_->find_where_they_part(from.node, sorted);
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
    const ChildHashes& hashes = nodes_->child_hashes[at.node];
    const bool is_right = path_bit(path, inner.bit);
    proof.steps.push_back({inner.bit, is_right ? hashes.left : hashes.right});
    at = is_right ? Subtree{inner.right, hashes.right} : Subtree{inner.left, hashes.left};
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
