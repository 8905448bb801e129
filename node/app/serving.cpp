#include "node/app/serving.h"

#include <optional>
#include <utility>

#include "node/core/limits.h"

namespace peerpay::app {
namespace {

constexpr std::size_t kSyncReplyBytesMax = 2 * 1024 * 1024;
static_assert(storage::kSyncBlocksMax <= node::kSyncBlocksMax, "the asker reads no longer answer");

// Empty when there is nothing to answer, or when it can't be read: the asker then turns to another
// peer.
std::optional<node::PeerMessage> read_for_peer(
    const storage::Store& store,
    const std::variant<node::BlockRequest, node::SyncRequest>& request) {
  if (const auto* wanted = std::get_if<node::BlockRequest>(&request)) {
    const auto stored = store.block(wanted->hash);
    if (!stored || !*stored) return std::nullopt;
    auto block = ledger::decode_block((*stored)->bytes);
    if (!block) return std::nullopt;
    return node::BlockMessage{std::move(*block)};
  }
  const auto blocks =
      store.blocks_from(std::get<node::SyncRequest>(request).from, kSyncReplyBytesMax);
  if (!blocks || blocks->empty()) return std::nullopt;
  node::SyncBatch batch;
  for (const auto& stored : *blocks) {
    auto block = ledger::decode_block(stored.bytes);
    if (!block) return std::nullopt;
    batch.blocks.push_back(std::move(*block));
  }
  batch.certificate = blocks->back().certificate;
  return batch;
}

}  // namespace

Serving::Serving(const storage::Store& store, WorkerPool& pool, std::size_t validators, SendTo send)
    : store_{store}, pool_{pool}, send_{std::move(send)}, under_way_(validators) {}

void Serving::serve(const node::Serve& request) {
  auto& under_way = under_way_[request.to.value];
  if (under_way == kServesPerPeerMax) return;
  ++under_way;
  pool_.post(Urgency::kServe, [this, request, &under_way] {
    if (const auto answer = read_for_peer(store_, request.request)) send_(request.to, *answer);
    --under_way;
  });
}

}  // namespace peerpay::app
