#include "node/app/finality.h"

#include <algorithm>
#include <utility>

namespace peerpay::app {

proto::TransactionStatus final_status(const ledger::Outcome& outcome, ledger::Height height, std::uint32_t index,
                                      base::UnixMillis block_timestamp) {
  proto::TransactionStatus out;
  out.id = outcome.id;
  out.state = proto::TransactionState::kFinal;
  out.result = outcome.result;
  out.finality = proto::Finality{height, index, block_timestamp, outcome.fee_charged, outcome.fee_asset};
  return out;
}

proto::TransactionStatus refused_status(const ledger::TransactionId& id, ledger::TransactionResult result) {
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

std::optional<Finality::WatchId> Finality::watch(const ledger::TransactionId& id, Done done) {
  std::unique_lock lock{mutex_};
  if (const auto found = recent_.find(id); found != recent_.end()) {
    const auto status = found->second;
    lock.unlock();
    done(status);
    return std::nullopt;
  }
  const auto watch = watch_next_++;
  watches_[id].push_back({watch, std::move(done)});
  return watch;
}

bool Finality::unwatch(const ledger::TransactionId& id, WatchId watch) {
  const std::lock_guard lock{mutex_};
  const auto found = watches_.find(id);
  if (found == watches_.end()) return false;
  const auto erased = std::erase_if(found->second, [watch](const Watch& w) { return w.watch == watch; });
  if (found->second.empty()) watches_.erase(found);
  return erased > 0;
}

void Finality::committed(const node::CommittedBlock& block) {
  const auto& header = block.block.header;
  for (std::uint32_t i = 0; i < block.outcomes.size(); ++i) {
    end(final_status(block.outcomes[i], header.height, i, header.timestamp));
  }
}

void Finality::dropped(const node::DroppedTransaction& transaction) {
  end(refused_status(transaction.id, transaction.result));
}

void Finality::end(const proto::TransactionStatus& status) {
  std::vector<Watch> watches;
  {
    const std::lock_guard lock{mutex_};
    if (recent_.insert_or_assign(status.id, status).second) recent_order_.push_back(status.id);
    if (recent_order_.size() > remembered_max_) {
      recent_.erase(recent_order_.front());
      recent_order_.pop_front();
    }
    if (auto found = watches_.extract(status.id)) watches = std::move(found.mapped());
  }
  for (const auto& watch : watches) watch.done(status);
}

std::optional<proto::TransactionStatus> Finality::recent(const ledger::TransactionId& id) const {
  const std::lock_guard lock{mutex_};
  const auto found = recent_.find(id);
  if (found == recent_.end()) return std::nullopt;
  return found->second;
}

}  // namespace peerpay::app
