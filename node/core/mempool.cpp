#include "node/core/mempool.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "ledger/apply.h"
#include "node/core/limits.h"

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

// Ascending by asset, one each, none zero. REQUIRES: the transaction could be applied, so no sum is
// above a balance.
std::vector<ledger::Balance> merged(std::vector<ledger::Balance> debits) {
  std::erase_if(debits, [](const ledger::Balance& debit) { return debit.amount.is_zero(); });
  std::sort(debits.begin(), debits.end(),
            [](const auto& a, const auto& b) { return a.asset < b.asset; });
  std::vector<ledger::Balance> out;
  for (const auto& debit : debits) {
    if (out.empty() || out.back().asset != debit.asset) {
      out.push_back(debit);
      continue;
    }
    const auto sum = out.back().amount.checked_add(debit.amount);
    PEERPAY_CHECK(sum.has_value(), "a balance covered the debits");
    out.back().amount = *sum;
  }
  return out;
}

// REQUIRES: the transaction could be applied.
Mempool::Entry entry_of(const ledger::Genesis& genesis, ledger::SealedTransaction transaction) {
  const auto& body = transaction.transaction.body;
  const ledger::Balance fee{body.fee.asset, *ledger::required_fee(genesis, body)};
  std::vector<ledger::Balance> debits;
  debits.reserve(body.operations.size() + 1);
  for (const auto& operation : body.operations) {
    std::visit(
        [&](const ledger::Pay& pay) {
          debits.push_back({pay.asset, pay.amount});
        },
        operation);
  }
  if (!body.sponsor) debits.push_back(fee);
  Mempool::Entry out;
  out.sender_debits = merged(std::move(debits));
  if (body.sponsor) out.sponsor_debits = merged({fee});
  out.transaction = std::move(transaction);
  return out;
}

const ledger::Transaction& body_of(const Mempool::Entry& entry) {
  return entry.transaction.transaction.body;
}

std::size_t operations_of(const Mempool::Entry& entry, const ledger::AccountId& payer) {
  return payer == body_of(entry).sender ? body_of(entry).operations.size() : 1;
}

}  // namespace

Mempool::Admitted Mempool::add(ledger::SealedTransaction transaction, Source source,
                               const ledger::StateView& state, base::Now now) {
  using ledger::TransactionResult;
  const auto refused = [](Admission admission) {
    return Admitted{admission, TransactionResult::kApplied, {}};
  };
  if (entries_.contains(transaction.id)) return refused(Admission::kAlreadyPending);
  const auto result = judge(genesis_, transaction, state, now.wall);
  if (result != TransactionResult::kApplied) return {Admission::kRefused, result, {}};
  const auto valid_until = transaction.transaction.body.valid_until;
  if (valid_until.value - now.wall.value > static_cast<std::uint64_t>(kValidityMax.milliseconds()))
    return refused(Admission::kExpiryTooFar);
  auto entry = entry_of(genesis_, std::move(transaction));
  const auto coverage_now = coverage(entry, state);
  if (coverage_now != TransactionResult::kApplied) return {Admission::kRefused, coverage_now, {}};
  if (share_is_full(entry)) return refused(Admission::kSenderShareFull);
  const auto victims = to_evict(source, entry.transaction.bytes.size());
  if (!victims) return refused(Admission::kPoolFull);
  Admitted out;
  for (const auto& id : *victims) {
    remove(id);
    out.evicted.push_back({id, std::nullopt});
  }
  entry.order = order_next_++;
  entry.source = source;
  entry.announced = now.monotonic;
  insert(std::move(entry));
  return out;
}

const Mempool::Entry* Mempool::find(const ledger::TransactionId& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

bool Mempool::is_ready(const ledger::TransactionId& id) const {
  const Entry* entry = find(id);
  return entry != nullptr && entry->ready;
}

void Mempool::mark_known(const ledger::TransactionId& id, PeerIndex peer) {
  const auto found = entries_.find(id);
  if (found != entries_.end()) found->second.known_to.insert(peer);
}

void Mempool::forget_known(PeerIndex peer) {
  for (auto& [id, entry] : entries_) entry.known_to.erase(peer);
}

std::span<const ledger::Balance> Mempool::debits_of(const Entry& entry,
                                                    const ledger::AccountId& payer) {
  return payer == body_of(entry).sender ? entry.sender_debits : entry.sponsor_debits;
}

template <class Visit>
void Mempool::for_each_payer(const Entry& entry, Visit&& visit) {
  const auto& body = body_of(entry);
  visit(body.sender, debits_of(entry, body.sender));
  if (body.sponsor) visit(*body.sponsor, debits_of(entry, *body.sponsor));
}

// Beside what is reserved.
bool Mempool::covers(const ledger::StateView& state, const ledger::AccountId& payer,
                     std::span<const ledger::Balance> debits) const {
  const ledger::Account* account = state.account(payer);
  if (account == nullptr) return debits.empty();
  const auto found = payers_.find(payer);
  return std::all_of(debits.begin(), debits.end(), [&](const ledger::Balance& debit) {
    std::uint64_t reserved = 0;
    if (found != payers_.end()) {
      const auto of_asset = found->second.reserved.find(debit.asset);
      if (of_asset != found->second.reserved.end()) reserved = of_asset->second;
    }
    const std::uint64_t balance = account->balance(debit.asset).units();
    return reserved <= balance && debit.amount.units() <= balance - reserved;
  });
}

ledger::TransactionResult Mempool::coverage(const Entry& entry,
                                            const ledger::StateView& state) const {
  using enum ledger::TransactionResult;
  const auto& body = body_of(entry);
  if (!covers(state, body.sender, entry.sender_debits)) return kFundsInsufficient;
  if (body.sponsor && !covers(state, *body.sponsor, entry.sponsor_debits))
    return kSponsorFundsInsufficient;
  return kApplied;
}

bool Mempool::share_is_full(const Entry& entry) const {
  bool full = false;
  for_each_payer(entry, [&](const ledger::AccountId& account, auto) {
    const auto found = payers_.find(account);
    const std::size_t pooled = found == payers_.end() ? 0 : found->second.operations;
    full |= pooled + operations_of(entry, account) > config_.operations_per_payer_max;
  });
  return full;
}

bool Mempool::is_within(const Usage& used, std::size_t quarters, std::size_t bytes) const {
  return 4 * (used.transactions + 1) <= quarters * config_.transactions_max &&
         4 * (used.bytes + bytes) <= quarters * config_.bytes_max;
}

// What has to give way, or nothing when that is not enough: the oldest parked entries of the same
// source, then, unless its own share is used up, those of peers. Each of them makes room, so at
// most as many are looked at as there are transactions in `bytes`, and one.
std::optional<std::vector<ledger::TransactionId>> Mempool::to_evict(const Source& source,
                                                                    std::size_t bytes) const {
  Usage all = used_;
  Usage of_peers = used_by_peers_;
  Usage of_source;
  if (source && used_by_peer_.contains(*source)) of_source = used_by_peer_.at(*source);
  const auto share_has_room = [&] {
    return !source || is_within(of_source, kPeerQuartersMax, bytes);
  };
  const auto has_room = [&] {
    return is_within(all, 4, bytes) && share_has_room() &&
           (!source || is_within(of_peers, kPeersQuartersMax, bytes));
  };
  std::vector<ledger::TransactionId> out;
  const auto take_from = [&](const Source& owner, const ByOrder& parked) {
    for (const auto& [order, id] : parked) {
      if (has_room()) return;
      const std::size_t freed = entries_.at(id).transaction.bytes.size();
      const auto shrink = [freed](Usage& usage) {
        usage.transactions -= 1;
        usage.bytes -= freed;
      };
      shrink(all);
      if (owner) shrink(of_peers);
      if (owner && owner == source) shrink(of_source);
      out.push_back(id);
    }
  };
  if (const auto own = parked_.find(source); own != parked_.end()) take_from(source, own->second);
  for (auto from = parked_.rbegin(); from != parked_.rend() && from->first; ++from) {
    if (has_room() || !share_has_room()) break;
    if (from->first != source) take_from(from->first, from->second);
  }
  if (!has_room()) return std::nullopt;
  return out;
}

void Mempool::count(const Entry& entry, bool added) {
  const std::size_t bytes = entry.transaction.bytes.size();
  const auto change = [&](Usage& usage) {
    usage.transactions = added ? usage.transactions + 1 : usage.transactions - 1;
    usage.bytes = added ? usage.bytes + bytes : usage.bytes - bytes;
  };
  change(used_);
  if (!entry.source) return;
  change(used_by_peers_);
  change(used_by_peer_[*entry.source]);
}

void Mempool::insert(Entry incoming) {
  const auto id = incoming.transaction.id;
  Entry& entry = entries_.emplace(id, std::move(incoming)).first->second;
  count(entry, true);
  auto& turn_next = payers_[body_of(entry).sender].turn_next;
  entry.turn = std::max(turn_, turn_next);
  turn_next = entry.turn + 1;
  for_each_payer(entry, [&](const ledger::AccountId& account, auto) {
    auto& payer = payers_[account];
    payer.entries.emplace(entry.order, &entry);
    payer.operations += operations_of(entry, account);
  });
  by_expiry_.emplace(body_of(entry).valid_until, id);
  by_announced_.emplace(std::pair{entry.announced, entry.order}, id);
  parked_[entry.source].emplace(entry.order, id);
  set_ready(entry, true);
}

void Mempool::remove(const ledger::TransactionId& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  set_ready(entry, false);
  const auto parked = parked_.find(entry.source);
  parked->second.erase(entry.order);
  if (parked->second.empty()) parked_.erase(parked);
  by_expiry_.erase({body_of(entry).valid_until, id});
  by_announced_.erase({entry.announced, entry.order});
  for_each_payer(entry, [&](const ledger::AccountId& account, auto) {
    const auto payer = payers_.find(account);
    payer->second.entries.erase(entry.order);
    payer->second.operations -= operations_of(entry, account);
    if (payer->second.entries.empty()) payers_.erase(payer);
  });
  count(entry, false);
  entries_.erase(found);
}

// Reserves or sets free what the entry debits.
void Mempool::set_ready(Entry& entry, bool ready) {
  if (entry.ready == ready) return;
  entry.ready = ready;
  const auto id = entry.transaction.id;
  for_each_payer(entry,
                 [&](const ledger::AccountId& account, std::span<const ledger::Balance> debits) {
                   if (!ready) freed_.insert(account);
                   auto& reserved = payers_.at(account).reserved;
                   for (const auto& [asset, amount] : debits) {
                     auto& sum = reserved[asset];
                     sum = ready ? sum + amount.units() : sum - amount.units();
                     if (sum == 0) reserved.erase(asset);
                   }
                 });
  if (!ready) {
    ready_.erase({entry.turn, entry.order});
    parked_[entry.source].emplace(entry.order, id);
    return;
  }
  const auto parked = parked_.find(entry.source);
  parked->second.erase(entry.order);
  if (parked->second.empty()) parked_.erase(parked);
  ready_.emplace(Place{entry.turn, entry.order}, id);
}

void Mempool::drop_ruled_out(const ledger::AccountId& payer, const ledger::NonceWindow& nonces,
                             AfterBlock& out) {
  const std::size_t before = out.dropped.size();
  for (const auto& [order, entry] : payers_.at(payer).entries) {
    if (body_of(*entry).sender != payer) continue;
    const auto result = nonces.check(body_of(*entry).nonce);
    if (ledger::result_class(result) == ledger::ResultClass::kNever)
      out.dropped.push_back({entry->transaction.id, result});
  }
  for (std::size_t i = before; i < out.dropped.size(); ++i) remove(out.dropped[i].id);
}

// The nonces and balances of `id` are new. What can't be paid any more is parked, the latest first.
void Mempool::park(const ledger::AccountId& id, const ledger::StateView& state, AfterBlock& out) {
  const ledger::Account& account = *state.account(id);
  drop_ruled_out(id, account.nonces, out);
  const auto found = payers_.find(id);
  if (found == payers_.end()) return;
  const Payer& payer = found->second;
  const auto is_overdrawn = [&](const ledger::Balance& debit) {
    const auto reserved = payer.reserved.find(debit.asset);
    return reserved != payer.reserved.end() &&
           reserved->second > account.balance(debit.asset).units();
  };
  for (auto latest = payer.entries.rbegin(); latest != payer.entries.rend(); ++latest) {
    Entry& entry = *latest->second;
    const auto debits = debits_of(entry, id);
    if (!entry.ready || std::none_of(debits.begin(), debits.end(), is_overdrawn)) continue;
    set_ready(entry, false);
    out.readiness_changed = true;
  }
}

// What `id` can pay again is ready, the earliest first. Frees nothing, so that nothing follows.
void Mempool::wake(const ledger::AccountId& id, const ledger::StateView& state, AfterBlock& out) {
  const auto found = payers_.find(id);
  if (found == payers_.end()) return;
  for (const auto& [order, entry] : found->second.entries) {
    if (entry->ready || coverage(*entry, state) != ledger::TransactionResult::kApplied) continue;
    set_ready(*entry, true);
    out.readiness_changed = true;
  }
}

Mempool::AfterBlock Mempool::on_committed(const CommittedBlock& block,
                                          const ledger::StateView& state) {
  AfterBlock out;
  for (const auto& outcome : block.outcomes) {
    if (const Entry* entry = find(outcome.id)) turn_ = std::max(turn_, entry->turn);
    remove(outcome.id);
  }
  const auto ledger_time = block.block.header.timestamp;
  while (!by_expiry_.empty() && by_expiry_.begin()->first < ledger_time) {
    const auto id = by_expiry_.begin()->second;
    remove(id);
    out.dropped.push_back({id, ledger::TransactionResult::kExpired});
  }
  for (const auto& [account, record] : block.changes) {
    if (!payers_.contains(account)) continue;
    freed_.insert(account);
    park(account, state, out);
  }
  for (const auto& account : std::exchange(freed_, {})) wake(account, state, out);
  return out;
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
