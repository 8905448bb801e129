#pragma once
// CommittedState: every account as of one block, and the tree that commits to them.
//
// The two are made together and move together, so a root is never that of other accounts. Versions
// for blocks above it live in the same tree. Not safe for threads.

#include "ledger/ids.h"
#include "ledger/state.h"
#include "ledger/state_tree.h"

namespace peerpay::ledger {

class CommittedState {
 public:
  CommittedState() = default;  // no accounts
  // `for_each` as of StateTree::build.
  explicit CommittedState(MemoryState accounts,
                          const base::ForEach& for_each = base::for_each_in_order);

  [[nodiscard]] const MemoryState& accounts() const { return accounts_; }
  [[nodiscard]] StateTree& tree() { return tree_; }
  [[nodiscard]] const StateTree& tree() const { return tree_; }
  [[nodiscard]] StateTree::Version version() const { return version_; }
  [[nodiscard]] StateRoot root() const { return tree_.root(version_); }

  // On to the state with `changes`.
  void apply(const StateChanges& changes);
  // The same with the version that `changes` on top of version() have made already; takes it over.
  void advance(const StateChanges& changes, StateTree::Version version);

 private:
  MemoryState accounts_;
  StateTree tree_;
  StateTree::Version version_;
};

}  // namespace peerpay::ledger
