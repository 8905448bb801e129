#pragma once
// Stages: what a transaction costs a validator, told apart by the functions that were running.
//
// Nothing in a node reads a clock for this. perf(1) takes samples of the running threads with their
// whole call stack; a sample belongs to the stage of the innermost function that names one. So
// memory, hashing and system calls count for whom they are done. Every sample belongs to exactly
// one stage, and what nothing names is "other", so the stages add up to all of the CPU.

#include <array>
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace peerpay::bench {

// In the order of a transaction's way. Transport is gRPC's and the kernel's part of the first, the
// fourth and the last, which call stacks do not tell apart.
inline constexpr std::array<std::string_view, 12> kStages = {
    "receive", "verify",  "mempool",   "gossip", "build",     "execute",
    "tree",    "storage", "consensus", "reply",  "transport", "other"};

using StageSamples = std::array<std::uint64_t, kStages.size()>;  // in that order

// The stage that a call stack belongs to, as an index of kStages. `symbols` are demangled,
// innermost first.
[[nodiscard]] std::size_t stage_of(const std::vector<std::string>& symbols);

// Counts the samples in what `perf script -F comm,ip,sym` prints.
[[nodiscard]] StageSamples fold_samples(std::istream& text);

}  // namespace peerpay::bench
