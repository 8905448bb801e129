#pragma once
// FinalityWatch: wakes who waits for a transaction when the blocks that are followed settle it. A
// wait costs the node nothing, and what wakes it is proved. On the loop.

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include "api/http/task.h"
#include "api/link/block_verifier.h"
#include "base/time.h"
#include "ledger/ids.h"

namespace peerpay::api {

// A quarter of what may be under way (http H13): waits must not keep everybody else out.
inline constexpr std::size_t kFinalityWaitersMax = 1'024;

class FinalityWatch {
 public:
  explicit FinalityWatch(std::size_t waiters_max = kFinalityWaitersMax);
  ~FinalityWatch();
  FinalityWatch(const FinalityWatch&) = delete;
  FinalityWatch& operator=(const FinalityWatch&) = delete;

  // Hears of the blocks that come from its making on, so it is made before the transaction is
  // submitted. The watch must outlive it.
  class Waiter {
   public:
    Waiter(FinalityWatch& watch, const ledger::TransactionId& id, base::UnixMillis valid_until);
    ~Waiter();
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    // False when too many wait already: then it hears of nothing.
    [[nodiscard]] bool is_watching() const;
    // True when a block holds the transaction or is later than it may be; false when `patience` is
    // over first, or the watch was closed. Not when the node drops it: nobody says so.
    [[nodiscard]] http::Task<bool> settled(base::Duration patience);

   private:
    friend class FinalityWatch;
    struct State;
    FinalityWatch& watch_;
    std::unique_ptr<State> state_;
  };

  // The next final blocks, oldest first.
  void on_blocks(const std::vector<FollowedBlock>& blocks);
  // Lets all waiters go; for the end of the program.
  void close();
  [[nodiscard]] std::size_t waiters() const { return waiters_.size(); }

 private:
  using Waiters = std::multimap<ledger::TransactionId, Waiter::State*>;

  std::size_t waiters_max_;
  Waiters waiters_;
  bool is_closed_ = false;
};

}  // namespace peerpay::api
