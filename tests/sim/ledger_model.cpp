#include "tests/sim/ledger_model.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/bcs.h"
#include "crypto/hash.h"

namespace peerpay::sim {

namespace {

// Restated from the specification of the nonce window (DESIGN 4: a 64-bit map, at most 65,536 ahead).
constexpr std::uint64_t kWindow = 64;
constexpr std::uint64_t kAhead = 65'536;

struct Leaf {
  crypto::Hash path;
  base::Bytes record;
};

bool bit_of(const crypto::Hash& path, std::uint16_t bit) { return (path.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0; }

// Root of leaves in ascending order of path that are equal before `bit`.
crypto::Hash root_of(std::span<const Leaf> leaves, std::uint16_t bit) {
  using crypto::Tag;
  if (leaves.empty()) return crypto::tagged_hash(Tag::kStateEmpty, {});
  if (leaves.size() == 1) {
    return crypto::tagged_hash(Tag::kStateLeaf, leaves[0].path.view(), leaves[0].record);
  }
  while (bit_of(leaves.front().path, bit) == bit_of(leaves.back().path, bit)) ++bit;
  std::size_t ones = 0;
  while (!bit_of(leaves[ones].path, bit)) ++ones;
  const auto next = static_cast<std::uint16_t>(bit + 1);
  const std::uint8_t index[] = {static_cast<std::uint8_t>(bit), static_cast<std::uint8_t>(bit >> 8)};
  const crypto::Hash left = root_of(leaves.first(ones), next);
  const crypto::Hash right = root_of(leaves.subspan(ones), next);
  return crypto::tagged_hash(Tag::kStateNode, index, left.view(), right.view());
}

}  // namespace

LedgerModel::LedgerModel(const ledger::Genesis& genesis) : genesis_{genesis} {
  for (const ledger::GenesisAccount& account : genesis.accounts) {
    for (const ledger::Balance& balance : account.balances) {
      holders_[account.id].balances[balance.asset.value] = balance.amount.units();
      supply_[balance.asset.value] += balance.amount.units();
    }
  }
}

LedgerModel::Money LedgerModel::fee_of(const ledger::Transaction& transaction) const {
  const ledger::Asset& asset = genesis_.assets.at(transaction.fee.asset.value);
  return Money{asset.fee_per_operation.units()} * static_cast<Money>(transaction.operations.size());
}

LedgerModel::Debits LedgerModel::debits_of(const ledger::Transaction& transaction) const {
  Debits out;
  for (const ledger::Operation& operation : transaction.operations) {
    const auto& pay = std::get<ledger::Pay>(operation);
    out[{transaction.sender, pay.asset.value}] += pay.amount.units();
  }
  const ledger::AccountId payer = transaction.sponsor ? *transaction.sponsor : transaction.sender;
  out[{payer, transaction.fee.asset.value}] += fee_of(transaction);
  return out;
}

bool LedgerModel::nonce_is_free(const Holder& holder, std::uint64_t nonce) const {
  const std::uint64_t highest = holder.nonces.empty() ? 0 : *holder.nonces.rbegin();
  if (nonce == 0 || holder.nonces.contains(nonce)) return false;
  const bool too_old = highest > kWindow && nonce < highest - kWindow;
  const bool too_far = nonce > highest && nonce - highest > kAhead;
  return !too_old && !too_far;
}

std::optional<std::string> LedgerModel::refusal(const ledger::Transaction& transaction,
                                                base::UnixMillis timestamp) const {
  if (timestamp > transaction.valid_until) return "an expired transaction";
  const auto sender = holders_.find(transaction.sender);
  if (sender == holders_.end()) return "an unknown sender";
  if (transaction.sponsor && !holders_.contains(*transaction.sponsor)) return "an unknown sponsor";
  if (!nonce_is_free(sender->second, transaction.nonce.value)) return "a nonce that may not be used";
  for (const auto& [whose, amount] : debits_of(transaction)) {
    const auto& balances = holders_.at(whose.first).balances;
    const auto balance = balances.find(whose.second);
    if ((balance == balances.end() ? Money{0} : balance->second) < amount) return "money that is not there";
  }
  for (const ledger::Operation& operation : transaction.operations) {
    const ledger::AccountId& payee = std::get<ledger::Pay>(operation).payee;
    if (!holders_.contains(payee) && !crypto::is_valid(ledger::key_of(payee))) return "a payee that nobody can be";
  }
  return std::nullopt;
}

bool LedgerModel::applies(const ledger::Transaction& transaction, base::UnixMillis timestamp) const {
  return !refusal(transaction, timestamp);
}

bool LedgerModel::is_ruled_out(const ledger::Transaction& transaction, base::UnixMillis timestamp) const {
  if (timestamp > transaction.valid_until) return true;
  const auto sender = holders_.find(transaction.sender);
  if (sender == holders_.end() || sender->second.nonces.empty()) return false;
  const std::uint64_t nonce = transaction.nonce.value;
  const std::uint64_t highest = *sender->second.nonces.rbegin();
  return sender->second.nonces.contains(nonce) || (highest > kWindow && nonce < highest - kWindow);
}

void LedgerModel::move(const ledger::AccountId& account, std::uint32_t asset, Money amount) {
  if (amount == 0) return;
  touched_.insert(account);
  Money& balance = holders_[account].balances[asset];
  balance += amount;
  if (balance == 0) holders_[account].balances.erase(asset);
}

void LedgerModel::carry_out(const ledger::Transaction& transaction, const ledger::AccountId& fee_account) {
  for (const auto& [whose, amount] : debits_of(transaction)) move(whose.first, whose.second, -amount);
  for (const ledger::Operation& operation : transaction.operations) {
    const auto& pay = std::get<ledger::Pay>(operation);
    move(pay.payee, pay.asset.value, pay.amount.units());
  }
  move(fee_account, transaction.fee.asset.value, fee_of(transaction));
  holders_[transaction.sender].nonces.insert(transaction.nonce.value);
}

std::optional<std::string> LedgerModel::apply(const ledger::Block& block,
                                              const std::vector<ledger::Outcome>& outcomes) {
  touched_.clear();
  if (outcomes.size() != block.transactions.size()) return "not one outcome for each transaction";
  const ledger::AccountId& fee_account = genesis_.validators.at(block.header.proposer).fee_account;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const ledger::SealedTransaction& sealed = block.transactions[i];
    const ledger::Transaction& transaction = sealed.transaction.body;
    if (auto reason = refusal(transaction, block.header.timestamp)) return "it applies " + *reason;
    const ledger::Outcome expected{sealed.id, ledger::TransactionResult::kApplied, transaction.fee.asset,
                                   ledger::Amount{static_cast<std::uint64_t>(fee_of(transaction))}};
    if (outcomes[i] != expected) return "an outcome is not what its transaction does";
    carry_out(transaction, fee_account);
  }
  return supply_error();
}

std::optional<std::string> LedgerModel::supply_error() const {
  std::map<std::uint32_t, Money> now;
  for (const auto& [id, holder] : holders_) {
    for (const auto& [asset, amount] : holder.balances) {
      if (amount < 0) return "a balance is below zero";
      now[asset] += amount;
    }
  }
  if (now != supply_) return "money came from nowhere or went nowhere";
  return std::nullopt;
}

// nonces.highest u64, nonces.below u64, then the balances in ascending order of asset.
base::Bytes LedgerModel::record(const Holder& holder) {
  base::BcsWriter out;
  const std::uint64_t highest = holder.nonces.empty() ? 0 : *holder.nonces.rbegin();
  std::uint64_t below = 0;
  for (const std::uint64_t nonce : holder.nonces) {
    if (nonce < highest && highest - 1 - nonce < kWindow) below |= std::uint64_t{1} << (highest - 1 - nonce);
  }
  out.u64(highest);
  out.u64(below);
  out.uleb(static_cast<std::uint32_t>(holder.balances.size()));
  for (const auto& [asset, amount] : holder.balances) {
    out.u32(asset);
    out.u64(static_cast<std::uint64_t>(amount));
  }
  return std::move(out).take();
}

std::optional<std::string> LedgerModel::difference(const ledger::StateChanges& changes) const {
  for (const ledger::AccountId& id : touched_) {
    if (!changes.contains(id)) return "account " + base::to_hex(id.view()) + " should have changed";
  }
  for (const auto& [id, account] : changes) {
    const auto holder = holders_.find(id);
    if (holder == holders_.end() || record(holder->second) != ledger::encode(account)) {
      return "account " + base::to_hex(id.view()) + " is not what the model says";
    }
  }
  return std::nullopt;
}

ledger::StateRoot LedgerModel::state_root() const {
  constexpr std::uint8_t kAccountKind = 0;
  std::vector<Leaf> leaves;
  for (const auto& [id, holder] : holders_) {
    base::Bytes key{kAccountKind};
    key.insert(key.end(), id.bytes.begin(), id.bytes.end());
    leaves.push_back({crypto::tagged_hash(crypto::Tag::kStateKey, key), record(holder)});
  }
  std::sort(leaves.begin(), leaves.end(), [](const Leaf& a, const Leaf& b) { return a.path < b.path; });
  return {root_of(leaves, 0).bytes};
}

}  // namespace peerpay::sim
