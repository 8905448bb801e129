#include "node/core/block_pace.h"

#include <algorithm>
#include <utility>

#include "ledger/limits.h"

namespace peerpay::node {

void BlockPace::proposed(consensus::View view, std::size_t transactions, base::TimePoint now) {
  if (proposed_) shrink();
  proposed_ = {view, transactions, now};
}

void BlockPace::certified(consensus::View view, base::TimePoint now) {
  if (!proposed_ || proposed_->view > view) return;
  const auto block = std::exchange(proposed_, std::nullopt);
  const auto taken = now - block->at;
  learn_delay(taken, block->transactions);
  const auto extra = taken.microseconds - delay_->microseconds;
  const bool is_too_long = extra > std::max(kExtraMax.microseconds, delay_->microseconds);
  if (is_too_long && block->transactions > kTransactionsMin) return shrink();
  if (!is_too_long && block->transactions >= max_) grow();
}

// Blocks of hardly anything show it as it is now, with what is chance in it; all others show that
// it is not more.
void BlockPace::learn_delay(base::Duration taken, std::size_t transactions) {
  constexpr std::int64_t kWeight = 4;  // of one block among those before it
  if (!delay_ || taken < *delay_) {
    delay_ = taken;
  } else if (transactions <= kTransactionsMin) {
    delay_ = {delay_->microseconds + (taken.microseconds - delay_->microseconds) / kWeight};
  }
}

void BlockPace::shrink() { max_ = std::max(kTransactionsMin, max_ / 2); }

void BlockPace::grow() { max_ = std::min(ledger::kBlockTransactionsMax, max_ + kTransactionsMore); }

}  // namespace peerpay::node
