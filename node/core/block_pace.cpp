#include "node/core/block_pace.h"

#include <algorithm>
#include <utility>

#include "ledger/limits.h"

namespace peerpay::node {

void BlockPace::proposed(consensus::View view, BlockExtent extent, base::TimePoint now) {
  if (proposed_) {
    shrink_transactions();
    shrink_turns();
  }
  proposed_ = {view, extent, now};
}

void BlockPace::certified(consensus::View view, base::TimePoint now) {
  if (!proposed_ || proposed_->view > view) return;
  const auto block = std::exchange(proposed_, std::nullopt);
  const auto taken = now - block->at;
  learn_delay(taken, block->extent.transactions);
  const base::Duration extra{taken.microseconds - delay_->microseconds};
  learn_transactions(block->extent.transactions, extra);
  learn_turns(block->extent.turns, extra);
}

// Blocks of hardly anything show it as it is now, with what is chance in it; all others show that
// it is not more.
void BlockPace::learn_delay(base::Duration taken, std::size_t transactions) {
  constexpr std::int64_t kWeight = 4;  // of one block among those before it
  if (!delay_ || taken < *delay_) {
    delay_ = taken;
  } else if (transactions <= kMin.transactions) {
    delay_ = {delay_->microseconds + (taken.microseconds - delay_->microseconds) / kWeight};
  }
}

void BlockPace::learn_transactions(std::size_t transactions, base::Duration extra) {
  const bool is_too_long = extra > std::max(kExtraMax, *delay_);
  if (is_too_long && transactions > kMin.transactions) return shrink_transactions();
  if (!is_too_long && transactions >= max_.transactions) {
    max_.transactions =
        std::min(ledger::kBlockTransactionsMax, max_.transactions + kMore.transactions);
  }
}

void BlockPace::learn_turns(std::size_t turns, base::Duration extra) {
  const bool is_too_long =
      extra > std::max(kExtraOfTurnsMax, base::Duration{delay_->microseconds / 2});
  if (is_too_long && turns > kMin.turns) return shrink_turns();
  if (!is_too_long && turns >= max_.turns) {
    max_.turns = std::min(ledger::kBlockTransactionsMax, max_.turns + kMore.turns);
  }
}

void BlockPace::shrink_transactions() {
  max_.transactions = std::max(kMin.transactions, max_.transactions / 2);
}

void BlockPace::shrink_turns() { max_.turns = std::max(kMin.turns, max_.turns / 2); }

}  // namespace peerpay::node
