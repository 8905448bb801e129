#pragma once
// Every bound of the engine. What they protect against is in consensus/README.md, "Bounds".

#include <cstddef>
#include <cstdint>

namespace peerpay::consensus {

// Members of one validator set. A signer bitmap then has at most 16 bytes, a certificate about 8
// KiB.
inline constexpr std::uint32_t kValidatorsMax = 128;
inline constexpr std::size_t kSignerBytesMax = (kValidatorsMax + 7) / 8;

// Views with a state in memory. Not reached while views finalize now and then: without finalization
// the time-outs grow to timeout_max, so this many views take days. When it is full, only a
// finalization is accepted for a view that is not held yet.
inline constexpr std::size_t kViewsHeldMax = 16'384;
// Finalized views that stay in memory so that late conflicting votes are still seen.
inline constexpr std::uint64_t kViewsRetained = 16;
// A vote may open the state of a view this far behind ours; votes for older views need one that is
// open.
inline constexpr std::uint64_t kVotesBehindMax = 256;
// Votes are admitted up to this far ahead; certificates prove themselves and may be from anywhere.
inline constexpr std::uint64_t kVotesAheadMax = 1;

// Views asked for at a time.
inline constexpr std::size_t kRepairsMax = 8;
// Messages of one rebroadcast; the next one goes on where it ended.
inline constexpr std::size_t kRebroadcastMax = 64;
// A standstill is this many retry intervals without a finalization.
inline constexpr std::int64_t kStandstillRetries = 10;
// Retry intervals that an idle network waits for the finalization of its last block: after the
// first it rebroadcasts, after the second it behaves as if there were work.
inline constexpr std::uint32_t kGraceRounds = 2;

static_assert(kViewsRetained < kVotesBehindMax);
static_assert(kVotesBehindMax < kViewsHeldMax);
static_assert(kRebroadcastMax > kRepairsMax);

}  // namespace peerpay::consensus
