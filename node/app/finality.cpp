#include "node/app/finality.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

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

proto::TransactionStatus policy_status(const ledger::TransactionId& id, std::string_view code,
                                       std::string_view sentence) {
  proto::TransactionStatus out;
  out.id = id;
  out.state = proto::TransactionState::kRejected;
  out.code = code;
  out.message = sentence;
  out.retry = proto::Retry::kSameBytes;
  return out;
}

proto::TransactionStatus evicted_status(const ledger::TransactionId& id) {
  return policy_status(id, "evicted",
                       "It had to make room on this node; another node may still have it applied: "
                       "send the same bytes again.");
}

std::optional<Finality::WatchId> Finality::watch(const ledger::TransactionId& id,
                                                 std::optional<base::UnixMillis> valid_until,
                                                 Done done) {
  std::unique_lock lock{mutex_};
  std::optional<proto::TransactionStatus> ended;
  if (const auto* known = recent_.find(id)) {
    ended = *known;
  } else if (valid_until && *valid_until < ledger_time_) {
    ended = refused_status(id, ledger::TransactionResult::kExpired);
  }
  if (ended) {
    lock.unlock();
    done(*ended);
    return std::nullopt;
  }
  const auto watch = watch_next_++;
  watches_.emplace(std::pair{id, watch}, Watch{std::move(done), valid_until});
  if (valid_until) expiries_.emplace(std::pair{*valid_until, watch}, id);
  return watch;
}

bool Finality::unwatch(const ledger::TransactionId& id, WatchId watch) {
  std::optional<Watch> ended;  // let go of outside the lock
  const std::lock_guard lock{mutex_};
  const auto place = watches_.find({id, watch});
  if (place != watches_.end()) ended = take(place);
  return ended.has_value();
}

Finality::Watch Finality::take(Watches::iterator place) {
  auto [key, out] = std::move(*place);
  watches_.erase(place);
  if (out.valid_until) expiries_.erase({*out.valid_until, key.second});
  return std::move(out);
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
    while (!expiries_.empty() && expiries_.begin()->first.first < header.timestamp) {
      const auto [expiry, id] = *expiries_.begin();
      endings.push_back({refused_status(id, ledger::TransactionResult::kExpired), {}});
      const auto place = watches_.find({id, expiry.second});
      PEERPAY_CHECK(place != watches_.end(), "what expires is watched");
      endings.back().watches.push_back(take(place));
    }
  }
  tell(endings);
}

void Finality::dropped(const node::DroppedTransaction& transaction) {
  const auto& [id, result] = transaction;
  std::vector<Ending> endings;
  {
    const std::lock_guard lock{mutex_};
    endings.push_back(result ? end(refused_status(id, *result)) : take_watches(evicted_status(id)));
  }
  tell(endings);
}

Finality::Ending Finality::end(proto::TransactionStatus status) {
  const auto id = status.id;
  if (auto* known = recent_.find(id)) {
    *known = status;
  } else {
    recent_.emplace(id, status);
    recent_order_.push_back(id);
  }
  if (recent_order_.size() > remembered_max_) {
    recent_.erase(recent_order_.front());
    recent_order_.pop_front();
  }
  return take_watches(std::move(status));
}

Finality::Ending Finality::take_watches(proto::TransactionStatus status) {
  const auto id = status.id;
  Ending out{std::move(status), {}};
  for (auto next = watches_.lower_bound({id, 0});
       next != watches_.end() && next->first.first == id;) {
    out.watches.push_back(take(next++));
  }
  return out;
}

void Finality::tell(const std::vector<Ending>& endings) {
  for (const auto& ending : endings) {
    for (const auto& watch : ending.watches) watch.done(ending.status);
  }
}

std::optional<proto::TransactionStatus> Finality::recent(const ledger::TransactionId& id) const {
  const std::lock_guard lock{mutex_};
  const auto* known = recent_.find(id);
  return known != nullptr ? std::optional{*known} : std::nullopt;
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
