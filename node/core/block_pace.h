#pragma once
// BlockPace: what this node's next block may hold, by how long its last ones took to be certified.
// Pure.
//
// What a block costs the others can't be known before: they may have checked all of its signatures
// already, or, when somebody sent payments to this node alone, none. So it is learnt, as TCP learns
// what a path bears: a few more after a full block that was certified soon, half after one that
// took too long. Too long is kExtraMax above what blocks of hardly anything take, which is the
// network's own delay, or that delay once more: where it is long, it is not steady. A payment then
// waits for short blocks however many are in front of it, and whose turn has come (mempool.h) is in
// the next.
//
// A block that takes several payments of the same senders, turn after turn, may take little longer
// than one of a single turn: kExtraOfTurnsMax, or a quarter as long again. So who sends much gets
// what is left of a short block, while many who send a little fill a long one.

#include <cstddef>
#include <optional>

#include "base/time.h"
#include "consensus/types.h"

namespace peerpay::node {

struct BlockExtent {
  std::size_t weight = 0;  // of the transactions: weight_of
  std::size_t turns = 0;   // of senders, that the transactions are of
};

// What a transaction of so many operations costs every node, where one of a single operation, and
// most of that is its signature, costs 1.
[[nodiscard]] constexpr std::size_t weight_of(std::size_t operations) {
  constexpr std::size_t kOperationsPerWeight = 16;
  return 1 + operations / kOperationsPerWeight;
}

class BlockPace {
 public:
  // Always allowed, and so few that they hardly take time.
  static constexpr BlockExtent kMin = {.weight = 64, .turns = 1};
  static constexpr BlockExtent kAtStart = {.weight = 512, .turns = 2};
  static constexpr std::size_t kWeightMore = 64;
  // Whatever turns a block is allowed, so many transactions it may hold.
  static constexpr std::size_t kOfAnyTurns = 16;
  static constexpr base::Duration kExtraMax = base::milliseconds(40);
  static constexpr base::Duration kExtraOfTurnsMax = base::milliseconds(3);

  [[nodiscard]] BlockExtent max() const { return max_; }

  // A block is on its way. One of before that is so still took too long.
  void proposed(consensus::View view, BlockExtent extent, base::TimePoint now);
  // The block of this view is certified, or a later one is certified or final.
  void certified(consensus::View view, base::TimePoint now);

 private:
  struct Proposed {
    consensus::View view;
    BlockExtent extent;
    base::TimePoint at;
  };
  void learn_weight(std::size_t weight, base::Duration taken);
  void learn_turns(BlockExtent extent, base::Duration taken);
  void shrink_weight();
  void shrink_turns();

  BlockExtent max_ = kAtStart;
  bool had_too_many_turns_ = false;
  std::optional<base::Duration> delay_;        // of blocks of hardly anything
  std::optional<base::Duration> single_turn_;  // how long blocks of one turn take
  std::optional<Proposed> proposed_;
};

}  // namespace peerpay::node
