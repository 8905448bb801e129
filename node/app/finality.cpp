#include "node/app/finality.h"

#include <algorithm>
#include <utility>

namespace peerpay::app {

proto::TransactionStatus final_status(const ledger::Outcome& outcome,
                                      const storage::Position& position,
                                      base::UnixMillis block_timestamp) {
  proto::TransactionStatus out;
  out.id = outcome.id;
  out.state = proto::TransactionState::kFinal;
  out.result = outcome.result;
  out.finality = proto::Finality{position.height, position.index, block_timestamp,
                                 outcome.fee_charged, outcome.fee_asset};
  return out;
}

proto::TransactionStatus refused_status(const ledger::TransactionId& id,
                                        ledger::TransactionResult result) {
  proto::TransactionStatus out;
  out.id = id;
  const bool expired = result == ledger::TransactionResult::kExpired;
  out.state = expired ? proto::TransactionState::kExpired : proto::TransactionState::kRejected;
  out.result = result;
  out.code = ledger::code(result);
  out.message = ledger::sentence(result);
  const bool never = ledger::result_class(result) == ledger::ResultClass::kNever;
  if (!expired) out.retry = never ? proto::Retry::kNever : proto::Retry::kSameBytes;
  return out;
}

std::optional<Finality::WatchId> Finality::watch(const ledger::TransactionId& id,
                                                 std::optional<base::UnixMillis> valid_until,
                                                 Done done) {
  std::unique_lock lock{mutex_};
  if (const auto found = recent_.find(id); found != recent_.end()) {
    const auto status = found->second;
    lock.unlock();
    done(status);
    return std::nullopt;
  }
  const auto watch = watch_next_++;
  watches_[id].push_back({watch, std::move(done), valid_until});
  if (valid_until) expiries_.emplace(*valid_until, id);
  return watch;
}

bool Finality::unwatch(const ledger::TransactionId& id, WatchId watch) {
  const std::lock_guard lock{mutex_};
  const auto found = watches_.find(id);
  if (found == watches_.end()) return false;
  const auto erased =
      std::erase_if(found->second, [watch](const Watch& w) { return w.watch == watch; });
  if (found->second.empty()) watches_.erase(found);
  return erased > 0;
}

void Finality::start(ledger::Height height, base::UnixMillis ledger_time) {
  const std::lock_guard lock{mutex_};
  height_ = height;
  ledger_time_ = ledger_time;
}

void Finality::committing(const node::CommittedBlock& block) {
  std::vector<ledger::TransactionId> ids;
  for (const auto& outcome : block.outcomes) ids.push_back(outcome.id);
  std::sort(ids.begin(), ids.end());
  const std::lock_guard lock{mutex_};
  committing_.emplace(block.block.header.height, std::move(ids));
}

void Finality::committed(const node::CommittedBlock& block) {
  const auto& header = block.block.header;
  std::vector<Ending> endings;
  {
    const std::lock_guard lock{mutex_};
    for (std::uint32_t i = 0; i < block.outcomes.size(); ++i) {
      endings.push_back(end(final_status(block.outcomes[i], {header.height, i}, header.timestamp)));
    }
    committing_.erase(header.height);
    height_ = header.height;
    ledger_time_ = header.timestamp;
    end_expired(header.timestamp, endings);
  }
  tell(endings);
}

void Finality::dropped(const node::DroppedTransaction& transaction) {
  std::vector<Ending> endings;
  {
    const std::lock_guard lock{mutex_};
    endings.push_back(end(refused_status(transaction.id, transaction.result)));
  }
  tell(endings);
}

Finality::Ending Finality::end(proto::TransactionStatus status) {
  const auto id = status.id;
  if (recent_.insert_or_assign(id, status).second) recent_order_.push_back(id);
  if (recent_order_.size() > remembered_max_) {
    recent_.erase(recent_order_.front());
    recent_order_.pop_front();
  }
  Ending out{std::move(status), {}};
  if (auto found = watches_.extract(id)) out.watches = std::move(found.mapped());
  return out;
}

void Finality::end_expired(base::UnixMillis ledger_time, std::vector<Ending>& endings) {
  while (!expiries_.empty() && expiries_.begin()->first < ledger_time) {
    const auto [valid_until, id] = *expiries_.begin();
    expiries_.erase(expiries_.begin());
    if (watches_.contains(id))
      endings.push_back(end(refused_status(id, ledger::TransactionResult::kExpired)));
  }
}

void Finality::tell(const std::vector<Ending>& endings) {
  for (const auto& ending : endings) {
    for (const auto& watch : ending.watches) watch.done(ending.status);
  }
}

std::optional<proto::TransactionStatus> Finality::recent(const ledger::TransactionId& id) const {
  const std::lock_guard lock{mutex_};
  const auto found = recent_.find(id);
  if (found == recent_.end()) return std::nullopt;
  return found->second;
}

bool Finality::is_committing(const ledger::TransactionId& id) const {
  const std::lock_guard lock{mutex_};
  return std::any_of(committing_.begin(), committing_.end(), [&id](const auto& block) {
    return std::binary_search(block.second.begin(), block.second.end(), id);
  });
}

ledger::Height Finality::height() const {
  const std::lock_guard lock{mutex_};
  return height_;
}

base::UnixMillis Finality::ledger_time() const {
  const std::lock_guard lock{mutex_};
  return ledger_time_;
}

}  // namespace peerpay::app
