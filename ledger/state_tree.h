#pragma once
// StateTree: an authenticated map from account to record, as a compact binary Merkle-Patricia tree.
//
// A key's path is tagged_hash(kStateKey, kind || account id), 256 bits, most significant first. A
// node stands only where two keys part, so n keys make n leaves and n - 1 inner nodes whatever the
// order of insertion.
//   leaf  = tagged_hash(kStateLeaf, path || record bytes)
//   inner = tagged_hash(kStateNode, bit index u16 LE || left || right)
//   empty = tagged_hash(kStateEmpty, "")
// The bit index in the inner hash binds the shape, so absence can be proved: the proof ends at a
// leaf whose path parts from the asked one where no node stands.
//
// Trees are persistent: update() makes a new root that shares what did not change with the old one;
// several versions (one per unfinalized block) live side by side in one pool of nodes. A version is
// held until release(). Not safe for threads.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bcs.h"
#include "base/for_each.h"
#include "crypto/hash.h"
#include "ledger/account.h"
#include "ledger/ids.h"
#include "ledger/state.h"

namespace peerpay::ledger {

struct StateProof {
  struct Step {
    std::uint16_t bit = 0;  // where the node parts its two sides
    crypto::Hash sibling;   // hash of the side not taken
    friend bool operator==(const Step&, const Step&) = default;
  };
  // From the root down. At most 256.
  std::vector<Step> steps;
  // The leaf the steps end at: the asked account's own (presence), another's (absence), or none in
  // an empty tree (absence).
  struct Leaf {
    crypto::Hash path;
    base::Bytes record;
    friend bool operator==(const Leaf&, const Leaf&) = default;
  };
  std::optional<Leaf> leaf;
  friend bool operator==(const StateProof&, const StateProof&) = default;
};

[[nodiscard]] base::Bytes encode(const StateProof& proof);
[[nodiscard]] base::Expected<StateProof, base::DecodeError> decode_state_proof(
    base::ByteView bytes);

enum class ProofVerdict : std::uint8_t { kInvalid, kPresent, kAbsent };
struct ProvedAccount {
  ProofVerdict verdict = ProofVerdict::kInvalid;
  std::optional<Account> account;  // when kPresent
};
// What the proof says about `id` under `root`. Needs no tree.
[[nodiscard]] ProvedAccount verify_state_proof(const StateRoot& root, const AccountId& id,
                                               const StateProof& proof);

class StateTree {
 public:
  // One version of the tree. Plain handle: copying it does not hold the version.
  struct Version {
    std::uint32_t node = UINT32_MAX;  // UINT32_MAX is the empty tree
    StateRoot root;                   // zero for the empty tree: ask root()
    friend bool operator==(const Version&, const Version&) = default;
  };

  StateTree();
  ~StateTree();
  StateTree(StateTree&&) noexcept;
  StateTree& operator=(StateTree&&) noexcept;

  // The version with `changes` on top of `from`; `from` stays valid. Each call is paired with one
  // release() of the returned version. Costs O(touched * log(n)) hashes.
  [[nodiscard]] Version update(Version from, const StateChanges& changes);
  // The version of a whole state, as update() from the empty tree would make it. `for_each`
  // does nearly all of it.
  [[nodiscard]] Version build(const AccountTable& accounts,
                              const base::ForEach& for_each = base::for_each_in_order);
  void release(Version version);
  [[nodiscard]] StateRoot root(Version version) const;
  // `state` supplies the records, as leaves keep hashes only; it must be the state of `version`.
  [[nodiscard]] StateProof prove(Version version, const AccountId& id,
                                 const StateView& state) const;
  [[nodiscard]] std::size_t nodes_live() const;

 private:
  struct Nodes;
  std::unique_ptr<Nodes> nodes_;
};

}  // namespace peerpay::ledger
