#pragma once
// Node: one running peerpay node, put together from its parts. It only wires; every decision is
// made elsewhere.
//
//   PeerNetwork ─> Ingress (workers) ─> CoreThread ─> Signer, PeerNetwork, StorageThread
//   ClientService ─> Backend ─> Submissions (workers) ─> CoreThread
//   StorageThread ─> Finality, Backend

#include <functional>
#include <memory>

#include "base/should_stop.h"
#include "node/app/exit_code.h"
#include "node/app/home.h"

namespace peerpay::app {

class Node {
 public:
  // Called once, on any thread, when the node can't go on: the owner then stops it and ends the
  // process.
  using Failed = std::function<void(Failure)>;

  // Opens and checks everything, replays what has to be replayed, listens. On failure nothing has
  // been changed that a later start would miss. Told to stop, it ends with stopped_before_start().
  [[nodiscard]] static base::Expected<std::unique_ptr<Node>, Failure> start(
      Home home, Failed failed, const base::ShouldStop& should_stop);
  ~Node();  // stops
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // In order: no new work, links cut, the core's last turn, what waits for the disk, the state.
  // Under 2 seconds.
  void stop();

 private:
  class Impl;
  explicit Node(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace peerpay::app
