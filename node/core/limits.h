#pragma once
// Every bound of a node's core. A peer, however hostile, can't make the core hold more than these
// allow.

#include <cstddef>
#include <cstdint>

#include "ledger/limits.h"

namespace peerpay::node {

// One message between peers, all kinds.
inline constexpr std::size_t kPeerMessageBytesMax = 4 * 1024 * 1024;
static_assert(kPeerMessageBytesMax > ledger::kBlockBodyBytesMax + 4096, "a block fits one message");

// One gossip batch: flushed at this size or this age, whichever comes first.
inline constexpr std::size_t kGossipBatchBytesMax = 64 * 1024;
inline constexpr std::size_t kGossipBatchTransactionsMax = 1024;

// Blocks above the finalized head that are held at once, and how far ahead of our view they may be.
inline constexpr std::size_t kBlocksHeldMax = 256;
inline constexpr std::size_t kBlocksHeldBytesMax = 128 * 1024 * 1024;
inline constexpr std::uint64_t kViewsAheadMax = 8;

// Finalized blocks in one sync answer, and what is staged until a certificate covers it.
inline constexpr std::size_t kSyncBlocksMax = 512;
inline constexpr std::size_t kSyncStagedBytesMax = 64 * 1024 * 1024;

}  // namespace peerpay::node
