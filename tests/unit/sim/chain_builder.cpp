#include "tests/unit/sim/chain_builder.h"

#include <utility>

#include "ledger/apply.h"
#include "tests/sim/disk.h"

namespace peerpay::sim::testing {

Options calm_options() {
  Options out;
  out.seed = 7;
  out.fee_per_operation = 3;
  return out;
}

ledger::SealedTransaction pay(const World& world, const PayOptions& options) {
  const auto& accounts = world.keyring.accounts();
  ledger::Transaction body;
  body.sender = ledger::account_of(accounts[options.from]);
  body.nonce = {options.nonce};
  body.valid_until = {kEpochMs + options.valid_for_ms};
  body.fee = {{0}, ledger::Amount{1'000}};
  body.operations = {ledger::Pay{
      ledger::account_of(accounts[options.to]), {}, {0}, ledger::Amount{options.units}, {}, {}}};
  const auto message = ledger::signing_message(ledger::transaction_id(world.chain, body));
  return ledger::seal(
      world.chain,
      ledger::SignedTransaction{body, {world.keyring.sign(accounts[options.from], message)}});
}

ChainBuilder::ChainBuilder(const World& world)
    : world_{world},
      state_{genesis_state(world.genesis)},
      head_{ledger::genesis_header(world.chain, world.genesis.timestamp, state_root(state_))} {}

node::CommittedBlock ChainBuilder::next(
    const std::vector<ledger::SealedTransaction>& transactions) {
  const std::uint64_t view = head_.view + 1;
  const auto proposer = static_cast<std::uint32_t>(view % world_.options.validators);
  const base::UnixMillis timestamp{head_.timestamp.value + 10};
  node::CommittedBlock out;
  ledger::Overlay overlay{state_};
  for (const auto& transaction : transactions) {
    const ledger::BlockContext context{timestamp, world_.genesis.validators[proposer].fee_account};
    const auto applied = ledger::apply_transaction(world_.genesis, context, transaction, overlay);
    out.outcomes.push_back(applied.outcome);
  }
  out.changes = overlay.changes();
  state_.apply(out.changes);
  const ledger::BlockPlace place{head_, view, proposer, timestamp};
  out.block.header = ledger::make_header(place, transactions, out.outcomes, state_root(state_));
  out.block.transactions = transactions;
  out.hash = ledger::block_hash(out.block.header);
  const consensus::Proposal proposal{{view}, {head_.view}, {out.hash.bytes}};
  out.certificate = certificate_of(world_, consensus::Subject::finalize(proposal), 3);
  head_ = out.block.header;
  return out;
}

consensus::Certificate certificate_of(const World& world, const consensus::Subject& subject,
                                      std::uint32_t signers) {
  const crypto::Hash message = consensus::signing_message(world.context, subject);
  consensus::Certificate out{subject, {0}, {}};
  for (std::uint32_t i = 0; i < signers; ++i) {
    out.signers[0] = static_cast<std::uint8_t>(out.signers[0] | 1U << i);
    out.signatures.push_back(world.keyring.sign(world.keyring.validators()[i], message));
  }
  return out;
}

}  // namespace peerpay::sim::testing
