// Receipts: canonical bytes. And a real receipt, altered wherever the input says, proves the
// payment that was made or nothing: never another payment, position or block.

#include "ledger/receipt.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"
#include "tests/support/ledger/ledger_world.h"

namespace {

using namespace peerpay;
using namespace peerpay::ledger;

constexpr std::uint32_t kPayments = 5;
constexpr std::uint8_t kCertificate[] = {1, 2, 3};

struct Chain {
  ChainId id;
  std::vector<Receipt> receipts;
};

Chain make_chain() {
  test::LedgerWorld world;
  std::vector<SealedTransaction> payments;
  for (std::uint32_t i = 0; i < kPayments; ++i) {
    const auto body = test::payment(world.genesis(), test::test_account(i), {1},
                                    {{test::test_account(i + 1), 100}});
    payments.push_back(test::signed_by(world.chain(), body, {i}));
  }
  const auto block = world.propose(payments);
  const auto executed = world.accept(block);
  PEERPAY_CHECK(executed, "the payments apply");
  const auto empty = world.propose({});
  PEERPAY_CHECK(world.accept(empty), "an empty block follows");
  const std::vector<BlockHeader> descendants{empty.header};
  Chain chain{world.chain(), {}};
  for (std::uint32_t i = 0; i < kPayments; ++i) {
    chain.receipts.push_back(
        make_receipt({block, executed->outcomes, descendants, kCertificate}, i));
  }
  return chain;
}

// Of the headers only the last hash is what the certificate speaks of.
void check_claim(const Chain& chain, const Receipt& claim) {
  const auto proved = check_receipt(chain.id, claim);
  if (!proved) {
    PEERPAY_CHECK(!sentence(proved.error()).empty(), "it says why");
    return;
  }
  if (*proved != block_hash(chain.receipts.front().chain.back())) return;
  for (const auto& receipt : chain.receipts) {
    if (receipt.outcome.id != claim.outcome.id) continue;
    PEERPAY_CHECK(claim.outcome == receipt.outcome && claim.index == receipt.index,
                  "what is proved is what happened");
    PEERPAY_CHECK(claim.transaction == receipt.transaction, "the payer signed this");
    return;
  }
  PEERPAY_CHECK(false, "no other payment is proved");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Chain kChain = make_chain();
  const base::ByteView in{data, size};
  fuzz::check_canonical(in, decode_outcome);
  if (fuzz::check_canonical(in, decode_receipt)) check_claim(kChain, *decode_receipt(in));

  fuzz::Draw draw{in};
  auto bytes = encode(kChain.receipts[draw.below(kPayments)]);
  while (!draw.empty()) {
    auto& byte = bytes[draw.below(bytes.size())];
    byte = static_cast<std::uint8_t>(byte ^ draw.byte());
  }
  if (const auto doctored = decode_receipt(bytes)) check_claim(kChain, *doctored);
  return 0;
}
