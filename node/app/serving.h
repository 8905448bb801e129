#pragma once
// Serving: answers the peers' questions for blocks from the store, on the workers. At most
// kServesPerPeerMax questions of one peer are under way; what comes above is dropped, as an asker
// repeats its question after a while and asks somebody else. So a hostile peer can't fill the
// workers' queue, however fast it asks. Called from the core thread.

#include <atomic>
#include <cstddef>
#include <functional>
#include <vector>

#include "node/app/worker_pool.h"
#include "node/core/effects.h"
#include "node/core/messages.h"
#include "node/storage/store.h"

namespace peerpay::app {

// An honest peer asks for one range and the few blocks that it missed.
inline constexpr int kServesPerPeerMax = 4;

class Serving {
 public:
  // On a worker.
  using SendTo = std::function<void(node::PeerIndex, const node::PeerMessage&)>;

  // `store` and `pool` are borrowed and outlive it and its jobs.
  Serving(const storage::Store& store, WorkerPool& pool, std::size_t validators, SendTo send);

  void serve(const node::Serve& request);

 private:
  const storage::Store& store_;
  WorkerPool& pool_;
  SendTo send_;
  std::vector<std::atomic<int>> under_way_;  // by peer
};

}  // namespace peerpay::app
