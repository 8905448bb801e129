#include "bench/micro_chain.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "base/os/parallel.h"

namespace peerpay::bench {
namespace {

constexpr base::UnixMillis kGenesisTime{1'800'000'000'000};
constexpr base::UnixMillis kBlockTime{kGenesisTime.value + 1'000};

ledger::Genesis make_genesis(const Accounts& accounts) {
  ledger::Genesis genesis;
  genesis.network = "bench";
  genesis.timestamp = kGenesisTime;
  genesis.assets = {{"USD", 2, accounts.id(0), ledger::Amount{0}}};
  genesis.validators.resize(1);
  genesis.validators[0].name = "validator-0";
  genesis.validators[0].fee_account = accounts.id(0);
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    genesis.accounts.push_back({accounts.id(i), {{{0}, ledger::Amount{1'000'000}}}});
  }
  std::sort(genesis.accounts.begin(), genesis.accounts.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  return genesis;
}

}  // namespace

Chain::Chain(std::size_t account_count)
    : accounts_{account_count}, network_{ledger::network_of(make_genesis(accounts_))} {
  terms_ = {
      .chain = network_.chain, .nonce_first = {1}, .valid_until = {kBlockTime.value + 60'000}};
  parent_ = ledger::genesis_header(network_.chain, network_.genesis.timestamp, {});
  state_.apply(ledger::genesis_changes(network_.genesis));
}

ledger::BlockContext Chain::context() const {
  return {.timestamp = kBlockTime, .fee_account = network_.genesis.validators[0].fee_account};
}

std::vector<ledger::SealedTransaction> Chain::payments(std::size_t count) const {
  std::vector<ledger::SealedTransaction> out(count);
  os::for_each_parallel(count, [&](std::size_t i) { out[i] = make_payment(accounts_, terms_, i); });
  return out;
}

ledger::Block Chain::block(std::vector<ledger::SealedTransaction> payments) const {
  ledger::Overlay overlay{state_};
  std::vector<ledger::Outcome> outcomes;
  for (const auto& payment : payments) {
    const auto applied = ledger::apply_transaction(network_.genesis, context(), payment, overlay);
    PEERPAY_CHECK(applied.result == ledger::TransactionResult::kApplied, "every payer is funded");
    outcomes.push_back(applied.outcome);
  }
  const ledger::BlockPlace place{
      .parent = parent_, .view = 1, .proposer = 0, .timestamp = kBlockTime};
  auto header = ledger::make_header(place, payments, outcomes, {});
  return {std::move(header), std::move(payments)};
}

ledger::StateChanges Chain::changes(const std::vector<ledger::SealedTransaction>& payments) const {
  ledger::Overlay overlay{state_};
  for (const auto& payment : payments) {
    const auto applied = ledger::apply_transaction(network_.genesis, context(), payment, overlay);
    PEERPAY_CHECK(applied.result == ledger::TransactionResult::kApplied, "every payer is funded");
  }
  return overlay.changes();
}

const Chain& chain_of(std::size_t account_count) {
  static std::map<std::size_t, Chain> chains;
  return chains.try_emplace(account_count, account_count).first->second;
}

}  // namespace peerpay::bench
