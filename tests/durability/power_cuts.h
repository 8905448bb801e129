#pragma once
// The life of a validator's storage under power cuts, kills, and disks that refuse: real blocks go
// through the block store, votes through the sign log, and after every end both are opened again.
//
// What must hold each time (docs/spec/storage.md):
//   * every vote that was acknowledged is in the sign log, and nothing that was never asked for;
//   * every block that was acknowledged is in the store, read in every way, its state root fits;
//     what a start has shown is never lost afterwards;
//   * a block that was stored before a vote is there;
//   * the store knows of no vote that the sign log does not hold (S30);
//   * either opens, unless the end that it met allows a refusal: zeros in the middle of what was
//     not synced (S40), or an operation that fails while it is opened.

#include <cstdint>
#include <memory>
#include <string>

#include "tests/unit/storage/test_chain.h"

namespace peerpay::durability {

struct PowerCutTotals {
  std::uint64_t lives = 0;
  std::uint64_t cuts = 0;
  std::uint64_t kills = 0;
  std::uint64_t refusals_injected = 0;  // operations of a disk that failed
  std::uint64_t refusals_promised = 0;  // of a store that met holes
  std::uint64_t commits_acknowledged = 0;
  std::uint64_t commits_lost_unacknowledged = 0;
  std::uint64_t votes_acknowledged = 0;
  std::uint64_t bytes_lost = 0;
  std::uint64_t files_torn = 0;
  std::uint64_t sectors_zeroed = 0;
  std::uint64_t names_undone = 0;
};

// The blocks of every life.
inline constexpr std::size_t kLifeBlocks = 48;
[[nodiscard]] std::unique_ptr<storage::test::TestChain> chain_of_lives();

// One life from genesis until the chain is used up or `cuts_max` power cuts later, all of it drawn
// from `seed`. Empty, or what was broken.
[[nodiscard]] std::string run_life(const storage::test::TestChain& chain, std::uint64_t seed,
                                   std::uint64_t cuts_max, PowerCutTotals& totals);

}  // namespace peerpay::durability
