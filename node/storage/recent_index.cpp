#include "node/storage/recent_index.h"

#include <utility>

#include "base/check.h"

namespace peerpay::storage {
void RecentIndex::add(const ledger::Block& block) {
  const std::lock_guard lock{mutex_};
  const ledger::Height height = block.header.height;
  for (std::uint32_t i = 0; i < block.transactions.size(); ++i) {
    const Position position{height, i};
    transactions_.insert_or_assign(block.transactions[i].id, position);
    if (history_ == HistoryIndex::kNone) continue;
    for (const auto& account : accounts_of(block.transactions[i].transaction.body)) {
      PEERPAY_CHECK(rows_.size() < kNone, "the index of a row has 32 bits");
      auto& newest = newest_.try_emplace(account, kNone).first->second;
      rows_.push_back({position, std::exchange(newest, static_cast<std::uint32_t>(rows_.size()))});
    }
  }
}

void RecentIndex::write_to(Database::Batch& batch) const {
  for (const auto& [id, position] : transactions_) {
    batch.put(Table::kTransactions, id.view(), encode(position));
  }
  for (const auto& [account, newest] : newest_) {
    // Newest first is how the keys of one account ascend.
    for (std::uint32_t row = newest; row != kNone; row = rows_[row].older) {
      batch.put(Table::kHistory, history_key(account, rows_[row].position), {});
    }
  }
}

std::size_t RecentIndex::rows() const {
  const std::lock_guard lock{mutex_};
  return transactions_.size() + rows_.size();
}

void RecentIndex::clear(ledger::Height above) {
  const std::lock_guard lock{mutex_};
  above_ = above;
  transactions_.clear();
  newest_.clear();
  rows_.clear();
}

std::optional<Position> RecentIndex::find(const ledger::TransactionId& id) const {
  const std::lock_guard lock{mutex_};
  const auto found = transactions_.find(id);
  return found == transactions_.end() ? std::nullopt : std::optional{found->second};
}

RecentIndex::HistoryRows RecentIndex::history(const ledger::AccountId& account,
                                              const Position& before, std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  HistoryRows out{{}, above_};
  if (before <= Position{above_.next(), 0}) return out;
  const auto found = newest_.find(account);
  for (std::uint32_t row = found == newest_.end() ? kNone : found->second;
       row != kNone && out.positions.size() < limit; row = rows_[row].older) {
    if (rows_[row].position < before) out.positions.push_back(rows_[row].position);
  }
  return out;
}

}  // namespace peerpay::storage
