#include "node/core/mempool.h"

#include <utility>

#include "ledger/apply.h"

namespace peerpay::node {
namespace {

// What the state says about one transaction alone. The scratch overlay is thrown away.
ledger::TransactionResult judge(const ledger::Genesis& genesis,
                                const ledger::SealedTransaction& transaction,
                                const ledger::StateView& state, base::UnixMillis time) {
  ledger::Overlay scratch{state};
  // Who earns the fee does not change whether the payment applies.
  const ledger::BlockContext context{time, genesis.validators.front().fee_account};
  return ledger::apply_transaction(genesis, context, transaction, scratch).result;
}

}  // namespace

Mempool::Admitted Mempool::add(ledger::SealedTransaction transaction,
                               const ledger::StateView& state, base::Now now) {
  using ledger::TransactionResult;
  if (entries_.contains(transaction.id))
    return {Admission::kAlreadyPending, TransactionResult::kApplied};
  const auto result = judge(genesis_, transaction, state, now.wall);
  if (result != TransactionResult::kApplied) return {Admission::kRefused, result};
  const std::size_t size = transaction.bytes.size();
  if (entries_.size() >= config_.transactions_max || bytes_ + size > config_.bytes_max) {
    return {Admission::kPoolFull, TransactionResult::kApplied};
  }
  const auto& body = transaction.transaction.body;
  if (share_is_full(body.sender) || (body.sponsor && share_is_full(*body.sponsor))) {
    return {Admission::kSenderShareFull, TransactionResult::kApplied};
  }
  const auto id = transaction.id;
  const auto order = order_next_++;
  by_payer_[body.sender].insert(id);
  if (body.sponsor) by_payer_[*body.sponsor].insert(id);
  by_expiry_.emplace(body.valid_until, id);
  by_announced_.emplace(std::pair{now.monotonic, order}, id);
  ready_.emplace(order, id);
  bytes_ += size;
  entries_.emplace(id, Entry{std::move(transaction), order, true, {}, now.monotonic});
  return {};
}

const Mempool::Entry* Mempool::find(const ledger::TransactionId& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

void Mempool::mark_known(const ledger::TransactionId& id, PeerIndex peer) {
  const auto found = entries_.find(id);
  if (found != entries_.end()) found->second.known_to.insert(peer);
}

void Mempool::forget_known(PeerIndex peer) {
  for (auto& [id, entry] : entries_) entry.known_to.erase(peer);
}

bool Mempool::share_is_full(const ledger::AccountId& payer) const {
  const auto found = by_payer_.find(payer);
  return found != by_payer_.end() && found->second.size() >= config_.transactions_per_sender_max;
}

void Mempool::forget_payer(const ledger::AccountId& payer, const ledger::TransactionId& id) {
  const auto found = by_payer_.find(payer);
  found->second.erase(id);
  if (found->second.empty()) by_payer_.erase(found);
}

void Mempool::remove(const ledger::TransactionId& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  const Entry& entry = found->second;
  const auto& body = entry.transaction.transaction.body;
  bytes_ -= entry.transaction.bytes.size();
  ready_.erase(entry.order);
  by_expiry_.erase({body.valid_until, id});
  by_announced_.erase({entry.announced, entry.order});
  forget_payer(body.sender, id);
  if (body.sponsor) forget_payer(*body.sponsor, id);
  entries_.erase(found);
}

void Mempool::set_ready(Entry& entry, bool ready) {
  if (entry.ready == ready) return;
  entry.ready = ready;
  if (ready) {
    ready_.emplace(entry.order, entry.transaction.id);
  } else {
    ready_.erase(entry.order);
  }
}

std::optional<DroppedTransaction> Mempool::resort(const ledger::TransactionId& id,
                                                  const ledger::StateView& state,
                                                  base::UnixMillis ledger_time) {
  Entry& entry = entries_.at(id);
  const auto result = judge(genesis_, entry.transaction, state, ledger_time);
  switch (ledger::result_class(result)) {
    case ledger::ResultClass::kApplied: set_ready(entry, true); return std::nullopt;
    case ledger::ResultClass::kLater: set_ready(entry, false); return std::nullopt;
    case ledger::ResultClass::kNever: remove(id); return DroppedTransaction{id, result};
  }
  PEERPAY_UNREACHABLE("every class is handled");
}

std::vector<DroppedTransaction> Mempool::on_committed(const CommittedBlock& block,
                                                      const ledger::StateView& state) {
  for (const auto& outcome : block.outcomes) remove(outcome.id);
  std::vector<DroppedTransaction> dropped;
  const auto ledger_time = block.block.header.timestamp;
  for (const auto& [account, record] : block.changes) {
    const auto payer = by_payer_.find(account);
    if (payer == by_payer_.end()) continue;
    const auto ids = payer->second;  // resort() may remove from the original
    for (const auto& id : ids) {
      if (!entries_.contains(id)) continue;
      if (const auto drop = resort(id, state, ledger_time)) dropped.push_back(*drop);
    }
  }
  while (!by_expiry_.empty() && by_expiry_.begin()->first < ledger_time) {
    const auto id = by_expiry_.begin()->second;
    remove(id);
    dropped.push_back({id, ledger::TransactionResult::kExpired});
  }
  return dropped;
}

std::vector<ledger::TransactionId> Mempool::take_unannounced(base::TimePoint cutoff,
                                                             base::TimePoint now, std::size_t max) {
  std::vector<ledger::TransactionId> out;
  while (out.size() < max && !by_announced_.empty() &&
         by_announced_.begin()->first.first < cutoff) {
    const auto [key, id] = *by_announced_.begin();
    by_announced_.erase(by_announced_.begin());
    Entry& entry = entries_.at(id);
    entry.announced = now;
    by_announced_.emplace(std::pair{now, entry.order}, id);
    out.push_back(id);
  }
  return out;
}

}  // namespace peerpay::node
