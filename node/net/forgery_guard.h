#pragma once
// ForgeryGuard: counts the wrong signatures of callers by the answers that their payments get, also
// those that come when the call is over, and cuts off whoever sends too many. Thread-safe.

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "node/net/caller.h"
#include "node/net/forgery_watch.h"
#include "node/net/node_backend.h"

namespace peerpay::net {

class ForgeryGuard {
 public:
  using CutOff = std::function<void(const std::string& connection)>;  // must not block or call back

  void start(CutOff cut_off) {
    const std::scoped_lock lock{mutex_};
    cut_off_ = std::move(cut_off);
  }
  // Nobody is cut off any more when it returns.
  void stop() { start({}); }

  void on_answer(const Caller& caller, const Answer<std::vector<proto::TransactionStatus>>& answer);

 private:
  std::mutex mutex_;
  CutOff cut_off_;      // guarded by mutex_
  ForgeryWatch watch_;  // guarded by mutex_
};

}  // namespace peerpay::net
