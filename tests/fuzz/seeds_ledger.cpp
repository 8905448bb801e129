// Values of the ledger and of consensus.

#include "consensus/effects.h"
#include "ledger/receipt.h"
#include "node/core/messages.h"
#include "tests/fuzz/seeds.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::fuzz {
namespace {

using namespace peerpay::ledger;

SealedTransaction rich_payment(const test::LedgerWorld& world) {
  auto body =
      test::payment(world.genesis(), test::test_account(0), {1},
                    {{test::test_account(1), 100}, {test::test_account(20), 5, test::kUsd}});
  body.sponsor = test::test_account(2);
  auto& pay = std::get<Pay>(body.operations.front());
  pay.tag = 42;
  pay.reference = {'I', 'N', 'V'};
  pay.memo = {'h', 'i'};
  return test::signed_by(world.chain(), body, {0, 2});
}

void add_chain(Seeds& seeds) {
  test::LedgerWorld world;
  const auto payment = rich_payment(world);
  const auto simple = test::sealed(
      world.chain(),
      test::payment(world.genesis(), test::test_account(3), {7}, {{test::test_account(4), 1}}));
  seeds.emplace_back("transaction", encode(payment.transaction.body));
  for (const auto& sealed : {payment, simple}) seeds.emplace_back("transaction", sealed.bytes);
  for (const auto& block : {world.propose({}), world.propose({payment, simple})}) {
    seeds.emplace_back("block", encode(block));
    seeds.emplace_back("block", encode(block.header));
    seeds.emplace_back("peer_message", node::encode_block_message(block));
    seeds.emplace_back("peer_message", node::encode(node::SyncBatch{{block}, {}}));
  }
  seeds.emplace_back("peer_message", node::encode(node::TransactionBatch{{payment, simple}}));

  const auto block = world.propose({payment, simple});
  const auto executed = world.accept(block);
  for (std::uint32_t i = 0; i < 2; ++i) {
    const base::Bytes certificate{1, 2, 3};
    const ReceiptSource source{block, executed->outcomes, {}, certificate};
    seeds.emplace_back("receipt", encode(make_receipt(source, i)));
    seeds.emplace_back("receipt", encode(executed->outcomes[i]));
  }
  for (const std::uint32_t number : {1U, 15U}) {
    const auto id = test::test_account(number);
    const auto proof = world.tree().prove(world.version(), id, world.state());
    seeds.emplace_back("state_proof", encode(proof));
    if (const auto* account = world.state().account(id)) {
      seeds.emplace_back("account", encode(*account));
    }
  }
  seeds.emplace_back("genesis", encode(world.genesis()));
  auto small = world.genesis();
  small.accounts.clear();
  small.validators.resize(1);
  seeds.emplace_back("genesis", encode(small));
}

void add_consensus(Seeds& seeds) {
  using namespace consensus;
  const Proposal proposal{View{7}, View{6}, {}};
  for (const auto& subject :
       {Subject::notarize(proposal), Subject::nullify(View{7}), Subject::finalize(proposal)}) {
    const Vote vote{subject, {1}, {}};
    const Certificate certificate{subject, {0x07}, {{}, {}, {}}};
    seeds.emplace_back("consensus_messages", encode(vote));
    seeds.emplace_back("consensus_messages", encode(certificate));
    const SafetyRecord records[] = {OwnVote{subject}, HeldCertificate{certificate},
                                    UnknownOwnVote{subject}};
    for (const auto& record : records) seeds.emplace_back("consensus_messages", encode(record));
    seeds.emplace_back("peer_message", node::encode(node::PeerMessage{vote}));
    seeds.emplace_back("peer_message", node::encode(node::PeerMessage{certificate}));
    seeds.emplace_back("peer_message",
                       node::encode(node::Standing{{}, {vote}, {certificate, certificate}}));
  }
  seeds.emplace_back("peer_message", node::encode(node::StandingRequest{}));
  for (const auto& record : {SafetyRecord{HistoryLost{}}, SafetyRecord{Rejoined{View{9}}}})
    seeds.emplace_back("consensus_messages", encode(record));
  seeds.emplace_back("consensus_messages", encode(SafetyRecord{CertifyVerdict{proposal, true}}));
  seeds.emplace_back("consensus_messages", encode(RepairRequest{View{9}}));
}

}  // namespace

Seeds ledger_seeds() {
  Seeds seeds;
  add_chain(seeds);
  add_consensus(seeds);
  return seeds;
}

}  // namespace peerpay::fuzz
