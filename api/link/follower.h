#pragma once
// Follower: keeps up with the ledger through one node, for ever, and hands over every final block
// once, in order.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/link/block_verifier.h"
#include "api/link/node_link.h"

namespace peerpay::api {

// How long a connection may be silent: the network makes blocks more often, idle or not.
[[nodiscard]] base::Duration silence_max(const ledger::Genesis& genesis);

class Follower {
 public:
  // Takes final blocks, oldest first; the next ones come when it is done. False: it can't (the
  // store failed), and following ends.
  using Sink = std::function<Task<bool>(const std::vector<FollowedBlock>& blocks)>;
  // Takes the first point, when there was none to start from.
  using Anchored = std::function<Task<bool>(const ChainPoint& point)>;

  Follower(NodeLink& node, BlockVerifier verifier, std::optional<ChainPoint> start,
           Anchored anchored, Sink sink);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // Ends after stop(), when the node link was stopped, or when the sink said so. Once.
  [[nodiscard]] Task<void> run();
  void stop();

  // The newest block that the sink has taken; none before the first contact.
  [[nodiscard]] std::optional<ChainPoint> point() const;
  // Whether blocks are coming: connected, and the last thing that happened was no failure.
  [[nodiscard]] bool is_following() const;
  // See above.
  [[nodiscard]] base::Duration silence_max() const;
  // Why not: one sentence; empty when all is well.
  [[nodiscard]] const std::string& trouble() const;
  // Waits until the block at `height` was taken, at most `patience`. False: it was not.
  [[nodiscard]] Task<bool> reach(ledger::Height height, base::Duration patience);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace peerpay::api
