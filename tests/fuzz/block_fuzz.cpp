// Blocks and headers: canonical bytes; a decoded block is the one that its hash names; whatever it
// holds, executing it fails or keeps every rule.

#include "ledger/block.h"
#include "ledger/invariants.h"
#include "tests/fuzz/promises.h"
#include "tests/support/ledger/ledger_world.h"

namespace {

using namespace peerpay;
using namespace peerpay::ledger;

void check_execution(const Block& block) {
  static const test::LedgerWorld kWorld;
  Overlay overlay{static_cast<const StateView&>(kWorld.state())};
  const auto executed = execute_block(kWorld.genesis(), kWorld.tip(), block, overlay);
  if (!executed) {
    PEERPAY_CHECK(overlay.changes().empty(), "a block that fails changes nothing");
    return;
  }
  MemoryState after;
  after.apply(test::records_of(kWorld.state()));
  after.apply(overlay.changes());
  for (const auto asset : {test::kEur, test::kUsd, test::kXau}) {
    PEERPAY_CHECK(total_supply(after, asset) == total_supply(kWorld.state(), asset),
                  "money is conserved");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView in{data, size};
  fuzz::check_canonical(in, decode_block_header);
  if (!fuzz::check_canonical(in, decode_block)) return 0;
  const auto block = decode_block(in);
  PEERPAY_CHECK(block->header.transactions_root == transactions_root_of(block->transactions),
                "the header commits to the body");
  PEERPAY_CHECK(block->header.transaction_count == block->transactions.size(),
                "the header counts the body");
  check_execution(*block);
  return 0;
}
