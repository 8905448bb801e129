#pragma once
// Every bound of a node's core. A peer, however hostile, can't make the core hold more than these
// allow.

#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "ledger/limits.h"

namespace peerpay::node {

// One message between peers, all kinds.
inline constexpr std::size_t kPeerMessageBytesMax = 4 * 1024 * 1024;
static_assert(kPeerMessageBytesMax > ledger::kBlockBodyBytesMax + 4096, "a block fits one message");

// How far ahead a pooled transaction may expire: 7 days, the wallet's longest (spec/wallet.md), and
// an hour for clocks that differ.
inline constexpr base::Duration kValidityMax = base::seconds((7 * 24 + 1) * 3600);
// Quarters of the mempool that hold at most what came from peers.
inline constexpr std::size_t kPeersQuartersMax = 3;

// One gossip batch: flushed at this size or this age, whichever comes first.
inline constexpr std::size_t kGossipBatchBytesMax = 64 * 1024;
inline constexpr std::size_t kGossipBatchTransactionsMax = 1024;

// Blocks above the finalized head that are held at once, and how far ahead of our view they may be.
inline constexpr std::size_t kBlocksHeldMax = 256;
inline constexpr std::size_t kBlocksHeldBytesMax = 128 * 1024 * 1024;
inline constexpr std::uint64_t kViewsAheadMax = 8;

// How often one peer is answered with blocks, and how soon the same peer may be asked again for the
// next range: an honest asker never asks for more than it is given.
inline constexpr base::Duration kServeInterval = base::milliseconds(20);
inline constexpr std::int64_t kBlocksServedBurst = 16;
inline constexpr std::int64_t kRangesServedBurst = 4;
inline constexpr std::int64_t kRangesAskedBurst = 2;
// Answers that one peer may be late with and that still count.
inline constexpr std::int64_t kRangesOwedMax = 8;
// For so many fetch time-outs a peer may continue blocks that no certificate has covered yet, and
// how often both double: 500 ms and 4 s become 16 s and 128 s, which 4 Mbit/s fill with
// kSyncStagedBytesMax.
inline constexpr std::int64_t kContinuationTimeouts = 8;
inline constexpr std::int64_t kContinuationDoublingsMax = 5;
// How often a peer that connects is told all that it may have missed.
inline constexpr base::Duration kGreetInterval = base::seconds(1);
inline constexpr std::int64_t kGreetingsBurst = 3;
// How often a validator that may not vote yet asks each peer for its standing, and how often it is
// answered.
inline constexpr base::Duration kStandingAskInterval = base::milliseconds(500);
// So often each of f + 1 peers must have said that another link took the place of ours. Once for
// each lane may be a dead process's last dial, which the peer came to late.
inline constexpr std::uint32_t kReplacedTimes = 3;
inline constexpr base::Duration kStandingServeInterval = base::milliseconds(200);
inline constexpr std::int64_t kStandingsServedBurst = 8;
static_assert(kStandingServeInterval < kStandingAskInterval);
// In one standing: a vote of each kind, a finalization and what let into a later view.
inline constexpr std::size_t kStandingVotesMax = 3;
inline constexpr std::size_t kStandingCertificatesMax = 2;
static_assert(kRangesAskedBurst < kRangesServedBurst,
              "what the network bunches up is still served");

// Finalized blocks in one sync answer, and what is staged until a certificate covers it. Certified
// blocks that are not final number kBlocksHeldMax at most, and a sync answer ends at a certificate
// when it holds one, so longer runs without one do not come about.
inline constexpr std::size_t kSyncBlocksMax = 512;
inline constexpr std::size_t kSyncStagedBlocksMax = 4 * kSyncBlocksMax;
inline constexpr std::size_t kSyncStagedBytesMax = 64 * 1024 * 1024;

}  // namespace peerpay::node
