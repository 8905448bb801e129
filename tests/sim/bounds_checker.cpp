#include "tests/sim/bounds_checker.h"

#include <algorithm>
#include <string>

namespace peerpay::sim {
namespace {

std::string at(NodeIndex node) { return "n" + std::to_string(node.value); }
std::string at(consensus::View view) { return "view " + std::to_string(view.value); }

}  // namespace

void BoundsChecker::on_turn(NodeIndex node, const node::ReplicaStatus& status,
                            std::uint64_t head_view) {
  constexpr std::size_t kBytesMax = 128 * 1024 * 1024;
  constexpr std::uint64_t kViewsAhead = 8;
  // One taken in unasked, one that its leader proposed, one that a quorum notarized.
  constexpr std::uint64_t kBlocksAView = 3;
  // A notarization of a later view than its own needs all blocks on the way there.
  highest_view_ = std::max(highest_view_, status.view);
  const std::uint64_t needed = kBlocksAView * (highest_view_.value - head_view + kViewsAhead);
  const bool within = status.blocks_held <= std::min<std::uint64_t>(256, needed) &&
                      status.blocks_held_bytes <= kBytesMax && status.blocks_staged <= 2048 &&
                      status.blocks_staged_bytes <= kBytesMax / 2;
  if (within) return;
  verdict_.fail(FailureClass::kSafety, "bounds",
                at(node) + " holds " + std::to_string(status.blocks_held) + " blocks above view " +
                    std::to_string(head_view) + " in view " + std::to_string(status.view.value) +
                    ", and " + std::to_string(status.blocks_staged) + " staged");
}

void BoundsChecker::on_turn(NodeIndex node, const node::ReplicaStatus& status,
                            std::size_t views_held, const node::MempoolConfig& pool) {
  // Sixteen final ones, and all above up to the next: those that were only heard of, too. A view
  // has a certificate when honest nodes have voted there, so no view above the highest of any has
  // one.
  highest_view_ = std::max(highest_view_, status.view);
  const std::uint64_t views_max = 16 + highest_view_.value + 1 - status.finalized_view.value;
  if (views_held > views_max) {
    verdict_.fail(FailureClass::kSafety, "bounds",
                  at(node) + " holds " + std::to_string(views_held) + " views in " +
                      at(status.view) + ", final " + at(status.finalized_view) + ", of all " +
                      at(highest_view_));
  }
  if (status.mempool_transactions > pool.transactions_max ||
      status.mempool_bytes > pool.bytes_max) {
    verdict_.fail(
        FailureClass::kSafety, "bounds",
        at(node) + " pools " + std::to_string(status.mempool_transactions) + " transactions");
  }
}

}  // namespace peerpay::sim
