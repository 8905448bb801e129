// ledger-roots BLOCKS: executes random blocks from one seed and prints height, state root and block
// hash ten times on the way. Every build of this program must print the same (run.py).

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "base/check.h"
#include "tests/support/ledger/ledger_world.h"
#include "tests/support/ledger/random_traffic.h"

namespace {

constexpr std::uint64_t kSeed = 20'260'101;

void run(std::uint64_t blocks) {
  using namespace peerpay;
  const std::uint64_t step = blocks < 10 ? 1 : blocks / 10;
  ledger::test::LedgerWorld world;
  ledger::test::RandomTraffic traffic{kSeed};
  for (std::uint64_t i = 1; i <= blocks; ++i) {
    const auto candidates = traffic.next_candidates(world);
    const auto executed = world.accept(world.propose(candidates, traffic.next_proposer()));
    PEERPAY_CHECK(executed.has_value(), "a verifier accepts what a proposer made");
    if (i % step != 0) continue;
    std::cout << i << ' ' << base::to_hex(world.tip().state_root.view()) << ' '
              << base::to_hex(ledger::block_hash(world.tip()).view()) << '\n';
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::uint64_t blocks = count == 2 ? std::strtoull(arguments[1], nullptr, 10) : 0;
  if (blocks == 0) {
    std::cerr << "usage: ledger-roots BLOCKS (at least 1)\n";
    return 64;
  }
  run(blocks);
  return 0;
}
