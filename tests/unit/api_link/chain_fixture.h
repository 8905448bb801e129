#pragma once
// A chain of certified blocks as nodes send them: real ledger, real certificates.

#include <cstdint>
#include <vector>

#include "api/link/block_verifier.h"
#include "consensus/messages.h"
#include "ledger/block.h"
#include "proto/client/node_api.h"
#include "tests/support/ledger/ledger_world.h"
#include "tests/support/wallet/practice_node.h"

namespace peerpay::api::test {

class PracticeChain {
 public:
  explicit PracticeChain(ledger::Genesis genesis = ledger::test::test_genesis())
      : world_{std::move(genesis)} {}

  [[nodiscard]] const ledger::Genesis& genesis() const { return world_.genesis(); }
  [[nodiscard]] const ledger::ChainId& chain() const { return world_.chain(); }

  // Account `sender` pays 1 unit to account `payee`.
  proto::FinalizedBlock pay(std::uint32_t sender, std::uint32_t payee) {
    const auto body = ledger::test::payment(
        genesis(), ledger::test::test_account(sender), ledger::Nonce{++nonce_},
        {{.payee = ledger::test::test_account(payee), .units = 1}});
    return extend({ledger::test::signed_by(chain(), body, {sender})});
  }
  proto::FinalizedBlock heartbeat() { return extend({}); }

  [[nodiscard]] ChainPoint tip() const {
    return {world_.tip().height, ledger::block_hash(world_.tip()), world_.tip().timestamp};
  }
  [[nodiscard]] BlockVerifier verifier() const {
    BlockVerifier out{genesis(), chain()};
    out.start_at(tip());
    return out;
  }

 private:
  proto::FinalizedBlock extend(const std::vector<ledger::SealedTransaction>& transactions) {
    const auto block = world_.propose(transactions);
    (void)world_.accept(block);
    return {.hash = ledger::block_hash(block.header),
            .block = encode(block),
            .certificate = wallet::test::certificate_of(genesis(), block.header,
                                                        consensus::VoteKind::kFinalize),
            .height = block.header.height};
  }

  ledger::test::LedgerWorld world_;
  std::uint64_t nonce_ = 0;
};

// A block that ends in the certificate of its descendant.
[[nodiscard]] inline proto::FinalizedBlock uncertified(proto::FinalizedBlock block) {
  block.certificate.clear();
  return block;
}

}  // namespace peerpay::api::test
