#pragma once
// BlockPace: how many transactions this node's next block may hold, by how long its last ones took
// to be certified. Pure.
//
// What a block costs the others can't be known before: they may have checked all of its signatures
// already, or, when somebody sent payments to this node alone, none. So it is learnt, as TCP learns
// what a path bears: a few more after a full block that was certified soon, half after one that
// took too long. Too long is kExtraMax above what blocks of hardly anything take, which is the
// network's own delay, or that delay once more: where it is long, it is not steady. A payment then
// waits for short blocks however many are in front of it, and whose turn has come (mempool.h) is in
// the next.

#include <cstddef>
#include <optional>

#include "base/time.h"
#include "consensus/types.h"

namespace peerpay::node {

class BlockPace {
 public:
  // Always allowed, and so few that they hardly take time.
  static constexpr std::size_t kTransactionsMin = 64;
  static constexpr std::size_t kTransactionsAtStart = 512;
  static constexpr std::size_t kTransactionsMore = 64;
  static constexpr base::Duration kExtraMax = base::milliseconds(40);

  [[nodiscard]] std::size_t transactions_max() const { return max_; }

  // A block of so many transactions is on its way. One of before that is so still took too long.
  void proposed(consensus::View view, std::size_t transactions, base::TimePoint now);
  // The block of this view is certified, or a later one is final.
  void certified(consensus::View view, base::TimePoint now);

 private:
  struct Proposed {
    consensus::View view;
    std::size_t transactions = 0;
    base::TimePoint at;
  };
  void learn_delay(base::Duration taken, std::size_t transactions);
  void shrink();
  void grow();

  std::size_t max_ = kTransactionsAtStart;
  std::optional<base::Duration> delay_;  // of blocks of hardly anything
  std::optional<Proposed> proposed_;
};

}  // namespace peerpay::node
