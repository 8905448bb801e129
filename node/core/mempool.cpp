#include "node/core/mempool.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "ledger/apply.h"
#include "node/core/limits.h"

namespace peerpay::node {
namespace {

// What the state says about one transaction alone.
ledger::TransactionResult judge(const ledger::Genesis& genesis,
                                const ledger::SealedTransaction& transaction,
                                const ledger::StateView& state, base::UnixMillis time) {
  // Who earns the fee does not change whether the payment applies.
  const ledger::BlockContext context{time, genesis.validators.front().fee_account};
  return ledger::check_state(genesis, context, transaction, state);
}

// A leg and the fee are what most payments have.
using Debits = base::InlineVector<ledger::Balance, 2>;

// Ascending by asset, one each, none zero. REQUIRES: the transaction could be applied, so no sum is
// above a balance.
ledger::Balances merged(Debits debits) {
  std::sort(debits.begin(), debits.end(),
            [](const auto& a, const auto& b) { return a.asset < b.asset; });
  ledger::Balances out;
  for (const auto& debit : debits) {
    if (debit.amount.is_zero()) continue;
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
  Debits debits;
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

// Of what a payer may have pooled; a sponsor's share is one.
std::size_t operations_of(const Mempool::Entry& entry) { return body_of(entry).operations.size(); }

std::uint64_t units_of(const ledger::Balances& balances, ledger::AssetId asset) {
  for (const auto& balance : balances) {
    if (balance.asset == asset) return balance.amount.units();
  }
  return 0;
}

void set_units(ledger::Balances& balances, ledger::AssetId asset, ledger::Amount amount) {
  const auto held = std::ranges::find(balances, asset, &ledger::Balance::asset);
  if (held == balances.end()) {
    balances.push_back({asset, amount});
  } else if (amount.is_zero()) {
    balances.erase(held);
  } else {
    held->amount = amount;
  }
}

// Whether the balances cover the debits beside what is reserved.
bool covers(const ledger::StateView& state, const ledger::AccountId& account,
            const Mempool::Payer* payer, std::span<const ledger::Balance> debits) {
  const ledger::Account* held = state.account(account);
  if (held == nullptr) return debits.empty();
  return std::ranges::all_of(debits, [&](const ledger::Balance& debit) {
    const std::uint64_t reserved = payer != nullptr ? units_of(payer->reserved, debit.asset) : 0;
    const std::uint64_t balance = held->balance(debit.asset).units();
    return reserved <= balance && debit.amount.units() <= balance - reserved;
  });
}

bool arrived_before(const Mempool::Entry* entry, std::uint64_t order) {
  return entry->order < order;
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
  const Payer* sender = payer(body_of(entry).sender);
  const Payer* sponsor = body_of(entry).sponsor ? payer(*body_of(entry).sponsor) : nullptr;
  const auto coverage_now = coverage(entry, state, sender, sponsor);
  if (coverage_now != TransactionResult::kApplied) return {Admission::kRefused, coverage_now, {}};
  const auto too_many = [this](const Payer* payer, std::size_t operations) {
    return (payer != nullptr ? payer->operations : 0) + operations >
           config_.operations_per_payer_max;
  };
  if (too_many(sender, operations_of(entry)) || (body_of(entry).sponsor && too_many(sponsor, 1)))
    return refused(Admission::kSenderShareFull);
  const std::size_t bytes = entry.transaction.bytes.size();
  if (!is_within(ready_.all, 4, bytes) || !source_may_have(source, bytes))
    return refused(Admission::kPoolFull);
  if (!payers_may_have(entry, sender, sponsor)) return refused(Admission::kSenderShareFull);
  Admitted out;
  out.evicted = to_evict(source, bytes);
  for (const auto& id : out.evicted) remove(*entries_.find(id));
  entry.order = order_next_++;
  entry.source = source;
  if (source) entry.known_to.set(source->value);
  entry.announced = now.monotonic;
  insert(std::move(entry));
  return out;
}

const Mempool::Entry* Mempool::find(const ledger::TransactionId& id) const {
  return entries_.find(id);
}

bool Mempool::is_ready(const ledger::TransactionId& id) const {
  const Entry* entry = find(id);
  return entry != nullptr && entry->ready;
}

void Mempool::mark_known(const ledger::TransactionId& id, PeerIndex peer) {
  if (Entry* entry = entries_.find(id)) entry->known_to.set(peer.value);
}

void Mempool::mark_known(const ledger::TransactionId& id, const std::set<PeerIndex>& peers) {
  Entry* entry = entries_.find(id);
  if (entry == nullptr) return;
  for (const auto peer : peers) entry->known_to.set(peer.value);
}

void Mempool::forget_known(PeerIndex peer) {
  for (auto& [announced, entry] : by_announced_) entry->known_to.reset(peer.value);
}

template <class Visit>
void Mempool::for_each_payer(const Entry& entry, Visit&& visit) {
  visit(*entry.sender, std::span{entry.sender_debits});
  if (entry.sponsor != nullptr) visit(*entry.sponsor, std::span{entry.sponsor_debits});
}

Mempool::Payer* Mempool::payer(const ledger::AccountId& account) {
  const auto found = payers_.find(account);
  return found == payers_.end() ? nullptr : &found->second;
}

Mempool::Payer& Mempool::payer_of(const ledger::AccountId& account) {
  const auto [place, is_new] = payers_.try_emplace(account);
  if (is_new) place->second.account = account;
  return place->second;
}

ledger::TransactionResult Mempool::coverage(const Entry& entry, const ledger::StateView& state,
                                            const Payer* sender, const Payer* sponsor) {
  using enum ledger::TransactionResult;
  const auto& body = body_of(entry);
  if (!covers(state, body.sender, sender, entry.sender_debits)) return kFundsInsufficient;
  if (body.sponsor && !covers(state, *body.sponsor, sponsor, entry.sponsor_debits))
    return kSponsorFundsInsufficient;
  return kApplied;
}

bool Mempool::is_within(const Usage& used, std::size_t quarters, std::size_t bytes) const {
  return 4 * (used.transactions + 1) <= quarters * config_.transactions_max &&
         4 * (used.bytes + bytes) <= quarters * config_.bytes_max;
}

// With another transaction of so many bytes, what one has of what is shared is not more than what
// was free of it before.
bool Mempool::is_within_share(const Usage& share, const Usage& shared, std::size_t quarters,
                              std::size_t bytes) const {
  return is_within({share.transactions + shared.transactions, share.bytes + shared.bytes}, quarters,
                   bytes);
}

// Null: of whom nothing is pooled.
bool Mempool::payers_may_have(const Entry& entry, const Payer* sender, const Payer* sponsor) const {
  const std::size_t bytes = entry.transaction.bytes.size();
  return is_within_share(sender != nullptr ? sender->share : Usage{}, ready_.all, 4, bytes) &&
         is_within_share(sponsor != nullptr ? sponsor->share : Usage{}, ready_.all, 4, bytes);
}

bool Mempool::source_may_have(const Source& source, std::size_t bytes) const {
  if (!source) return true;
  const auto found = ready_of_peer_.find(*source);
  return is_within_share(found != ready_of_peer_.end() ? found->second : Usage{}, ready_.of_peers,
                         kPeersQuartersMax, bytes);
}

// What has to give way: the oldest parked entries of the peer that has most of them, again and
// again, then those of clients. Each of them makes room, so they are at most as many as there are
// transactions in `bytes`, and one. REQUIRES: what is ready leaves room.
std::vector<ledger::TransactionId> Mempool::to_evict(const Source& source,
                                                     std::size_t bytes) const {
  Usages left = pooled_;
  const auto has_room = [&] {
    return is_within(left.all, 4, bytes) &&
           (!source || is_within(left.of_peers, kPeersQuartersMax, bytes));
  };
  std::vector<ledger::TransactionId> out;
  if (has_room()) return out;
  struct Parked {
    bool of_peer;
    std::size_t left;
    ByOrder::const_iterator oldest;
  };
  std::vector<Parked> sources;
  for (const auto& [from, parked] : parked_)
    sources.push_back({from.has_value(), parked.size(), parked.begin()});
  while (!has_room()) {
    const auto most = std::ranges::max_element(sources, {}, [](const Parked& parked) {
      return std::tuple{parked.left > 0, parked.of_peer, parked.left};
    });
    PEERPAY_CHECK(most != sources.end() && most->left > 0, "what is parked takes the room");
    const Entry& entry = *(most->oldest++)->second;
    --most->left;
    count(entry, left, false);
    out.push_back(entry.transaction.id);
  }
  return out;
}

void Mempool::count(const Entry& entry, Usage& usage, bool added) {
  const std::size_t bytes = entry.transaction.bytes.size();
  usage.transactions = added ? usage.transactions + 1 : usage.transactions - 1;
  usage.bytes = added ? usage.bytes + bytes : usage.bytes - bytes;
}

void Mempool::count(const Entry& entry, Usages& usages, bool added) {
  count(entry, usages.all, added);
  if (entry.source) count(entry, usages.of_peers, added);
}

void Mempool::insert(Entry incoming) {
  const auto id = incoming.transaction.id;
  Entry& entry = entries_.emplace(id, std::move(incoming));
  count(entry, pooled_, true);
  const auto join = [&entry](Payer& payer, std::size_t operations) {
    payer.entries.push_back(&entry);
    payer.operations += operations;
    return &payer;
  };
  const auto& body = body_of(entry);
  entry.sender = join(payer_of(body.sender), operations_of(entry));
  if (body.sponsor) entry.sponsor = join(payer_of(*body.sponsor), 1);
  by_expiry_.emplace(std::pair{body.valid_until, entry.order}, &entry);
  by_announced_.emplace_hint(by_announced_.end(), std::pair{entry.announced, entry.order}, &entry);
  make_ready(entry);
}

void Mempool::remove(Entry& entry) {
  if (entry.ready) {
    unready(entry);
  } else {
    unpark(entry);
  }
  by_expiry_.erase({body_of(entry).valid_until, entry.order});
  by_announced_.erase({entry.announced, entry.order});
  count(entry, pooled_, false);
  if (entry.sponsor != nullptr) leave(*entry.sponsor, entry, 1);
  leave(*entry.sender, entry, operations_of(entry));
  entries_.erase(entry.transaction.id);
}

void Mempool::leave(Payer& payer, const Entry& entry, std::size_t operations) {
  payer.entries.erase(
      std::lower_bound(payer.entries.begin(), payer.entries.end(), entry.order, arrived_before));
  payer.operations -= operations;
  if (payer.entries.empty()) payers_.erase(payer.account);
}

void Mempool::reserve(const Entry& entry) {
  for_each_payer(entry, [&entry](Payer& payer, std::span<const ledger::Balance> debits) {
    count(entry, payer.share, true);
    for (const auto& debit : debits) {
      const auto sum =
          debit.amount.checked_add(ledger::Amount{units_of(payer.reserved, debit.asset)});
      PEERPAY_CHECK(sum.has_value(), "what is reserved is covered by a balance");
      set_units(payer.reserved, debit.asset, *sum);
    }
  });
}

void Mempool::free(const Entry& entry) {
  for_each_payer(entry, [this, &entry](Payer& payer, std::span<const ledger::Balance> debits) {
    freed_.insert(payer.account);
    count(entry, payer.share, false);
    for (const auto& debit : debits) {
      const auto rest =
          ledger::Amount{units_of(payer.reserved, debit.asset)}.checked_sub(debit.amount);
      PEERPAY_CHECK(rest.has_value(), "what is set free was reserved");
      set_units(payer.reserved, debit.asset, *rest);
    }
  });
}

void Mempool::make_ready(Entry& entry) {
  entry.ready = true;
  reserve(entry);
  count(entry, ready_, true);
  if (entry.source) count(entry, ready_of_peer_[*entry.source], true);
  Payer& sender = *entry.sender;
  if (sender.ready.empty()) sender.place = round_.insert(round_.end(), &sender);
  sender.ready.emplace_hint(sender.ready.end(), entry.order, &entry);
  if (sender.ready.size() <= kTurnsCounted) ++ready_turns_.all;
  if (!entry.source && ++sender.ready_of_clients <= kTurnsCounted) ++ready_turns_.of_clients;
}

void Mempool::unready(Entry& entry) {
  entry.ready = false;
  free(entry);
  count(entry, ready_, false);
  if (entry.source) count(entry, ready_of_peer_[*entry.source], false);
  Payer& sender = *entry.sender;
  sender.ready.erase(entry.order);
  if (sender.ready.size() < kTurnsCounted) --ready_turns_.all;
  if (!entry.source && --sender.ready_of_clients < kTurnsCounted) --ready_turns_.of_clients;
  if (sender.ready.empty()) round_.erase(sender.place);
}

void Mempool::park(Entry& entry) {
  unready(entry);
  parked_[entry.source].emplace(entry.order, &entry);
}

void Mempool::unpark(const Entry& entry) {
  const auto parked = parked_.find(entry.source);
  parked->second.erase(entry.order);
  if (parked->second.empty()) parked_.erase(parked);
}

void Mempool::drop_ruled_out(const ledger::AccountId& id, const ledger::NonceWindow& nonces,
                             AfterBlock& out) {
  std::vector<Entry*> ruled_out;
  for (Entry* entry : payers_.at(id).entries) {
    if (body_of(*entry).sender != id) continue;
    const auto result = nonces.check(body_of(*entry).nonce);
    if (ledger::result_class(result) != ledger::ResultClass::kNever) continue;
    out.dropped.push_back({entry->transaction.id, result});
    ruled_out.push_back(entry);
  }
  for (Entry* entry : ruled_out) remove(*entry);
}

// The nonces and balances of `id` are new. What can't be paid any more is parked, the latest first.
void Mempool::park_overdrawn(const ledger::AccountId& id, const ledger::StateView& state,
                             AfterBlock& out) {
  const ledger::Account& account = *state.account(id);
  drop_ruled_out(id, account.nonces, out);
  const Payer* found = payer(id);
  if (found == nullptr) return;
  const auto is_overdrawn = [&](const ledger::Balance& debit) {
    return units_of(found->reserved, debit.asset) > account.balance(debit.asset).units();
  };
  for (auto latest = found->entries.rbegin(); latest != found->entries.rend(); ++latest) {
    Entry& entry = **latest;
    const auto& debits = entry.sender == found ? entry.sender_debits : entry.sponsor_debits;
    if (!entry.ready || std::ranges::none_of(debits, is_overdrawn)) continue;
    park(entry);
    ready_before_.insert(entry.order);
    out.readiness_changed = true;
  }
}

// What `id` can pay again is ready, the earliest first, or evicted where it would be too much.
// Frees nothing, so that nothing follows.
void Mempool::wake(const ledger::AccountId& id, const ledger::StateView& state, AfterBlock& out) {
  const Payer* found = payer(id);
  if (found == nullptr) return;
  std::vector<Entry*> beyond_share;
  for (Entry* entry : found->entries) {
    if (entry->ready) continue;
    if (coverage(*entry, state, entry->sender, entry->sponsor) !=
        ledger::TransactionResult::kApplied)
      continue;
    const bool is_within_shares = payers_may_have(*entry, entry->sender, entry->sponsor) &&
                                  source_may_have(entry->source, entry->transaction.bytes.size());
    if (!is_within_shares && !ready_before_.contains(entry->order)) {
      beyond_share.push_back(entry);
      continue;
    }
    unpark(*entry);
    make_ready(*entry);
    out.readiness_changed = true;
  }
  for (Entry* entry : beyond_share) {
    out.evicted.push_back(entry->transaction.id);
    remove(*entry);
  }
}

Mempool::AfterBlock Mempool::on_committed(const CommittedBlock& block,
                                          const ledger::StateView& state) {
  AfterBlock out;
  for (const auto& transaction : block.block.transactions) {
    Entry* entry = entries_.find(transaction.id);
    Payer* served = entry != nullptr ? entry->sender : payer(transaction.transaction.body.sender);
    if (served != nullptr && !served->ready.empty())
      round_.splice(round_.end(), round_, served->place);
    if (entry != nullptr) remove(*entry);
  }
  const auto ledger_time = block.block.header.timestamp;
  while (!by_expiry_.empty() && by_expiry_.begin()->first.first < ledger_time) {
    Entry& entry = *by_expiry_.begin()->second;
    out.dropped.push_back({entry.transaction.id, ledger::TransactionResult::kExpired});
    remove(entry);
  }
  for (const auto& [account, record] : block.changes) {
    if (payer(account) == nullptr) continue;
    freed_.insert(account);
    park_overdrawn(account, state, out);
  }
  for (const auto& account : std::exchange(freed_, {})) wake(account, state, out);
  ready_before_.clear();
  return out;
}

std::vector<ledger::TransactionId> Mempool::take_unannounced(base::TimePoint cutoff,
                                                             base::TimePoint now, std::size_t max) {
  std::vector<ledger::TransactionId> out;
  while (out.size() < max && !by_announced_.empty() &&
         by_announced_.begin()->first.first < cutoff) {
    Entry& entry = *by_announced_.begin()->second;
    by_announced_.erase(by_announced_.begin());
    entry.announced = now;
    by_announced_.emplace(std::pair{now, entry.order}, &entry);
    out.push_back(entry.transaction.id);
  }
  return out;
}

}  // namespace peerpay::node
