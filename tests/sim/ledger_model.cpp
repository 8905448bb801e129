#include "tests/sim/ledger_model.h"

#include <utility>

#include "base/bytes.h"
#include "tests/support/ledger/naive_state_tree.h"

namespace peerpay::sim {

namespace {

std::map<ledger::AccountId, ledger::test::NaiveLedger::Record> genesis_records(
    const ledger::Genesis& genesis) {
  std::map<ledger::AccountId, ledger::test::NaiveLedger::Record> out;
  for (const ledger::GenesisAccount& account : genesis.accounts) {
    auto& record = out[account.id];
    for (const ledger::Balance& balance : account.balances) {
      record.money[balance.asset.value] = balance.amount.units();
    }
  }
  return out;
}

}  // namespace

LedgerModel::LedgerModel(const ledger::Genesis& genesis)
    : genesis_{genesis},
      ledger_{genesis, genesis_records(genesis)},
      supply_genesis_{supply()},
      before_{ledger_.as_changes()},
      after_{before_} {}

LedgerModel::Supply LedgerModel::supply() const {
  Supply out;
  for (const auto& [id, record] : ledger_.accounts()) {
    for (const auto& [asset, units] : record.money) out[asset] += units;
  }
  return out;
}

ledger::Outcome LedgerModel::outcome_of(const ledger::SealedTransaction& sealed) const {
  const ledger::Transaction& body = sealed.transaction.body;
  const std::uint64_t fee = genesis_.assets.at(body.fee.asset.value).fee_per_operation.units();
  return {sealed.id, ledger::TransactionResult::kApplied, body.fee.asset,
          ledger::Amount{fee * body.operations.size()}};
}

std::optional<std::string> LedgerModel::apply(const ledger::Block& block,
                                              const std::vector<ledger::Outcome>& outcomes) {
  if (outcomes.size() != block.transactions.size())
    return "there is not one outcome for each transaction";
  const ledger::AccountId& fee_account = genesis_.validators.at(block.header.proposer).fee_account;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const ledger::SealedTransaction& sealed = block.transactions[i];
    const auto result = ledger_.apply(sealed.transaction, block.header.timestamp, fee_account);
    if (result != ledger::TransactionResult::kApplied) {
      return "it holds a transaction that does not apply: " + std::string{ledger::code(result)};
    }
    if (outcomes[i] != outcome_of(sealed)) return "an outcome is not what its transaction does";
  }
  if (supply() != supply_genesis_) return "money came from nowhere or went nowhere";
  before_ = std::exchange(after_, ledger_.as_changes());
  return std::nullopt;
}

std::optional<std::string> LedgerModel::difference(const ledger::StateChanges& changes) const {
  for (const auto& [id, account] : after_) {
    const auto before = before_.find(id);
    const bool touched = before == before_.end() || before->second != account;
    const auto change = changes.find(id);
    const bool is_equal = change == changes.end() ? !touched : change->second == account;
    if (!is_equal) return "account " + base::to_hex(id.view()) + " is not what the model says";
  }
  for (const auto& [id, account] : changes) {
    if (!after_.contains(id)) return "account " + base::to_hex(id.view()) + " should not be there";
  }
  return std::nullopt;
}

ledger::StateRoot LedgerModel::state_root() const { return ledger::test::naive_state_root(after_); }

bool LedgerModel::applies(const ledger::SignedTransaction& transaction,
                          base::UnixMillis timestamp) const {
  ledger::test::NaiveLedger copy = ledger_;
  return copy.apply(transaction, timestamp, genesis_.validators.front().fee_account) ==
         ledger::TransactionResult::kApplied;
}

}  // namespace peerpay::sim
