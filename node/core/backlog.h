#pragma once
// Backlog: whether so much is ready to be ordered that checking more from clients can wait. What is
// checked long before its turn takes the time that blocks need, so that fewer payments get final
// the more are handed in. Pure.
//
// Plenty is, beside what is in blocks already, what became final in kWindow, by transactions; of a
// network that hardly had any a sixteenth of the pool, and never more than a quarter. Of a sender a
// few count (Mempool::ReadyTurns), so nobody holds others back by what no block would take yet. Of
// that, clients of this node have the share of one validator, whatever peers sent.
//
// When no block came for kBlocksApartMax nothing is plenty: then the pool is filled, and what it
// has no room for is refused. Something that is pooled gives the core a turn to notice that in
// every reannounce_interval.

#include <cstddef>
#include <deque>

#include "base/time.h"
#include "node/core/config.h"
#include "node/core/mempool.h"

namespace peerpay::node {

class Backlog {
 public:
  static constexpr base::Duration kWindow = base::milliseconds(500);
  static constexpr base::Duration kBlocksApartMax = base::seconds(1);

  // Of a network of so many validators.
  Backlog(const MempoolConfig& config, std::size_t validators)
      : pool_max_{config.transactions_max}, validators_{validators} {}

  // A block of so many transactions became final.
  void committed(std::size_t transactions, base::TimePoint now);
  // `now` is not before any time that was given earlier.
  [[nodiscard]] bool is_plenty(const Mempool::ReadyTurns& ready, std::size_t in_blocks,
                               base::TimePoint now) const;

 private:
  struct Committed {
    std::size_t transactions = 0;
    base::TimePoint at;
  };
  std::size_t pool_max_;
  std::size_t validators_;
  std::deque<Committed> lately_;  // in kWindow before the last
};

}  // namespace peerpay::node
