// What validators say to each other: canonical bytes, and no block of another network.

#include "node/core/messages.h"
#include "tests/fuzz/promises.h"
#include "tests/support/ledger/ledger_world.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  static const auto kChain = ledger::chain_id(ledger::test::test_genesis());
  const base::ByteView in{data, size};
  const auto decode = [](base::ByteView bytes) { return node::decode_peer_message(kChain, bytes); };
  if (!fuzz::check_canonical(in, decode)) return 0;
  const auto message = decode(in);
  if (const auto* block = std::get_if<node::BlockMessage>(&*message)) {
    PEERPAY_CHECK(block->block.header.chain == kChain, "it is of this network");
    PEERPAY_CHECK(std::ranges::equal(node::encode_block_message(block->block), in),
                  "both ways to encode a block agree");
  }
  if (const auto* batch = std::get_if<node::SyncBatch>(&*message)) {
    for (const auto& block : batch->blocks) {
      PEERPAY_CHECK(block.header.chain == kChain, "it is of this network");
    }
  }
  return 0;
}
