#pragma once
// Backlog: whether so much is ready to be ordered that checking more from clients can wait. What is
// checked long before its turn takes the time that blocks need, so that fewer payments get final
// the more are handed in. Pure.
//
// Plenty is what became final in kWindow, by transactions: no block will lack any before more are
// checked. A network that hardly had any is taken to manage a sixteenth of the pool. However fast
// it is, or large they are, a quarter of the pool is plenty. Of that, clients of this node have the
// share of one validator, whatever peers sent. When no block came for kBlocksApartMax nothing is
// plenty: then the pool is filled, and what it has no room for is refused.

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
      : config_{config}, validators_{validators} {}

  // A block of so many transactions became final.
  void committed(std::size_t transactions, base::TimePoint now);
  // With so much ready in the pool. `now` is not before any time that was given earlier.
  [[nodiscard]] bool is_plenty(const Mempool::Usages& ready, base::TimePoint now) const;

 private:
  struct Committed {
    std::size_t transactions;
    base::TimePoint at;
  };
  MempoolConfig config_;
  std::size_t validators_;
  std::deque<Committed> lately_;  // in kWindow before the last
};

}  // namespace peerpay::node
