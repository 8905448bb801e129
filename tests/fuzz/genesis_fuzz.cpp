// The genesis file: canonical bytes, and every one that is called valid makes a ledger.

#include "ledger/block.h"
#include "ledger/genesis.h"
#include "ledger/invariants.h"
#include "ledger/limits.h"
#include "ledger/state_tree.h"
#include "tests/fuzz/promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  using namespace peerpay::ledger;
  const base::ByteView in{data, size};
  if (!fuzz::check_canonical(in, decode_genesis)) return 0;
  const auto genesis = decode_genesis(in);
  if (const auto reason = genesis->invalid_reason()) {
    PEERPAY_CHECK(!reason->empty(), "it says why");
    return 0;
  }
  PEERPAY_CHECK(!genesis->validators.empty() && genesis->validators.size() <= kValidatorsMax,
                "somebody validates");
  MemoryState state;
  state.apply(genesis_changes(*genesis));
  StateTree tree;
  const auto version = tree.build(state.accounts());
  const auto header = genesis_header(chain_id(in), genesis->timestamp, tree.root(version));
  PEERPAY_CHECK(header.chain == chain_id(*genesis), "the bytes that were read are what is hashed");
  for (std::uint32_t i = 0; i < genesis->assets.size(); ++i) {
    PEERPAY_CHECK(total_supply(state, {i}).has_value(), "no supply is above the limit");
    PEERPAY_CHECK(genesis->asset_by_code(genesis->assets[i].code) == AssetId{i}, "codes differ");
  }
  return 0;
}
