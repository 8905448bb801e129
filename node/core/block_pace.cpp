#include "node/core/block_pace.h"

#include <algorithm>
#include <utility>

#include "ledger/limits.h"

namespace peerpay::node {
namespace {

// What is shorter is so at once, as no chance makes a block faster than it can be; what is longer
// counts only when `is_like_it`, and then a quarter.
void learn(std::optional<base::Duration>& time, base::Duration taken, bool is_like_it) {
  constexpr std::int64_t kWeight = 4;
  if (!time || taken < *time) {
    time = taken;
  } else if (is_like_it) {
    time = {time->microseconds + (taken.microseconds - time->microseconds) / kWeight};
  }
}

}  // namespace

void BlockPace::proposed(consensus::View view, BlockExtent extent, base::TimePoint now) {
  if (proposed_) {
    if (proposed_->extent.weight > kMin.weight) shrink_weight();
    if (proposed_->extent.turns > kMin.turns) shrink_turns();
  }
  proposed_ = {view, extent, now};
}

void BlockPace::certified(consensus::View view, base::TimePoint now) {
  if (!proposed_ || proposed_->view > view) return;
  const auto block = std::exchange(proposed_, std::nullopt);
  const auto taken = now - block->at;
  learn_weight(block->extent.weight, taken);
  learn_turns(block->extent, taken);
}

void BlockPace::learn_weight(std::size_t weight, base::Duration taken) {
  learn(delay_, taken, weight <= kMin.weight);
  const bool is_too_long =
      taken.microseconds - delay_->microseconds > std::max(kExtraMax, *delay_).microseconds;
  if (is_too_long && weight > kMin.weight) return shrink_weight();
  if (!is_too_long && weight >= max_.weight)
    max_.weight = std::min(ledger::kBlockTransactionsMax, max_.weight + kWeightMore);
}

// Doubled while blocks hold hardly anything and none was too long yet: one sender may have an idle
// network to itself.
void BlockPace::learn_turns(BlockExtent extent, base::Duration taken) {
  learn(single_turn_, taken, extent.turns <= kMin.turns);
  const auto extra_max = std::max(kExtraOfTurnsMax.microseconds, single_turn_->microseconds / 4);
  const bool is_too_long = taken.microseconds - single_turn_->microseconds > extra_max;
  if (is_too_long && extent.turns > kMin.turns) return shrink_turns();
  if (is_too_long || extent.turns < max_.turns) return;
  const bool may_double = !had_too_many_turns_ && extent.weight <= kMin.weight;
  max_.turns =
      std::min(ledger::kBlockTransactionsMax, may_double ? 2 * max_.turns : max_.turns + 1);
}

void BlockPace::shrink_weight() { max_.weight = std::max(kMin.weight, max_.weight / 2); }

void BlockPace::shrink_turns() {
  had_too_many_turns_ = true;
  max_.turns = std::max(kMin.turns, max_.turns / 2);
}

}  // namespace peerpay::node
