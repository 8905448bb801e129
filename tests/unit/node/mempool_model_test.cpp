// The mempool beside a list that computes everything anew for each question.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/rng.h"
#include "ledger/apply.h"
#include "node/core/limits.h"
#include "node/core/mempool.h"
#include "tests/unit/node/harness.h"

namespace peerpay::node::testing {
namespace {

using ledger::AccountId;
using ledger::TransactionId;
using ledger::TransactionResult;
using Dropped = std::vector<std::pair<TransactionId, std::optional<TransactionResult>>>;
using Evicted = std::vector<TransactionId>;

constexpr MempoolConfig kConfig{
    .bytes_max = 2'400, .transactions_max = 10, .operations_per_payer_max = 10};
constexpr std::uint64_t kPeers = 4;

Dropped pairs_of(const std::vector<DroppedTransaction>& dropped) {
  Dropped out;
  for (const auto& each : dropped) out.emplace_back(each.id, each.result);
  return out;
}

// Arrival is the order of the list.
class Model {
 public:
  struct Held {
    ledger::SealedTransaction transaction;
    Mempool::Source source;
    base::TimePoint announced;
    std::set<std::uint32_t> known_to = {};
    bool ready = true;
    [[nodiscard]] const ledger::Transaction& body() const { return transaction.transaction.body; }
  };
  Model(const ledger::Genesis& genesis, const ledger::StateView& state)
      : genesis_{genesis}, state_{state} {}

  Admission add(const ledger::SealedTransaction& transaction, Mempool::Source source, base::Now now,
                Evicted& evicted);
  // Whether the readiness of something changed.
  bool on_committed(const CommittedBlock& block, Dropped& dropped, Evicted& evicted);
  std::vector<TransactionId> take_unannounced(base::TimePoint cutoff, base::TimePoint now,
                                              std::size_t max);
  [[nodiscard]] std::vector<TransactionId> ready() const;
  // That all that is ready together can be paid.
  [[nodiscard]] bool is_covered(const AccountId& account) const;
  [[nodiscard]] std::vector<Held>& held() { return held_; }

 private:
  using Debits = std::map<ledger::AssetId, std::uint64_t>;
  [[nodiscard]] Debits debits_of(const ledger::Transaction& body, const AccountId& account) const;
  [[nodiscard]] Debits reserved(const AccountId& account) const;
  [[nodiscard]] bool covers(const ledger::Transaction& body, const AccountId& account) const;
  [[nodiscard]] bool is_payable(const ledger::Transaction& body) const;
  [[nodiscard]] std::size_t operations(const AccountId& account) const;
  // Whether what is ready of it, and one more of so many bytes, is not more than was free before.
  [[nodiscard]] bool payer_may_have(const AccountId& account, std::size_t bytes) const;
  [[nodiscard]] bool source_may_have(Mempool::Source source, std::size_t bytes) const;
  [[nodiscard]] bool shares_allow(const Held& wanted) const;
  [[nodiscard]] static bool is_within(const std::vector<Held>& held, std::size_t quarters,
                                      std::size_t bytes);
  [[nodiscard]] static bool fits(const std::vector<Held>& held, Mempool::Source source,
                                 std::size_t bytes);
  // Who has something ready takes part, in the order in which they were served or came.
  void update_round();
  void remove(const TransactionId& id);
  void rule_out(const AccountId& account, Dropped& dropped);
  bool park(const AccountId& account);
  bool wake(const AccountId& account, Evicted& evicted);

  const ledger::Genesis& genesis_;
  const ledger::StateView& state_;
  std::vector<Held> held_;
  std::vector<AccountId> round_;
  std::set<AccountId> freed_;
  std::set<TransactionId> ready_before_;
};

std::vector<AccountId> payers_of(const ledger::Transaction& body) {
  std::vector<AccountId> out{body.sender};
  if (body.sponsor) out.push_back(*body.sponsor);
  return out;
}

Model::Debits Model::debits_of(const ledger::Transaction& body, const AccountId& account) const {
  Debits out;
  if (account == body.sender) {
    for (const auto& operation : body.operations) {
      const auto& pay = std::get<ledger::Pay>(operation);
      out[pay.asset] += pay.amount.units();
    }
  }
  if (account == body.sponsor.value_or(body.sender)) {
    const auto each = genesis_.asset(body.fee.asset)->fee_per_operation.units();
    out[body.fee.asset] += each * body.operations.size();
  }
  return out;
}

Model::Debits Model::reserved(const AccountId& account) const {
  Debits out;
  for (const auto& each : held_) {
    if (!each.ready) continue;
    for (const auto& [asset, units] : debits_of(each.body(), account)) out[asset] += units;
  }
  return out;
}

bool Model::is_covered(const AccountId& account) const {
  const auto debits = reserved(account);
  return std::ranges::all_of(debits, [&](const auto& debit) {
    return debit.second <= state_.account(account)->balance(debit.first).units();
  });
}

bool Model::covers(const ledger::Transaction& body, const AccountId& account) const {
  auto sums = reserved(account);
  const auto debits = debits_of(body, account);
  return std::ranges::all_of(debits, [&](const auto& debit) {
    const auto balance = state_.account(account)->balance(debit.first).units();
    return debit.second == 0 || sums[debit.first] + debit.second <= balance;
  });
}

bool Model::is_payable(const ledger::Transaction& body) const {
  return std::ranges::all_of(payers_of(body),
                             [&](const AccountId& account) { return covers(body, account); });
}

std::size_t Model::operations(const AccountId& account) const {
  std::size_t out = 0;
  for (const auto& each : held_) {
    if (each.body().sender == account) out += each.body().operations.size();
    if (each.body().sponsor == account) out += 1;
  }
  return out;
}

bool Model::payer_may_have(const AccountId& account, std::size_t bytes) const {
  std::vector<Held> counted;
  for (const auto& each : held_) {
    if (!each.ready) continue;
    counted.push_back(each);
    const auto payers = payers_of(each.body());
    if (std::ranges::find(payers, account) != payers.end()) counted.push_back(each);
  }
  return is_within(counted, 4, bytes);
}

bool Model::source_may_have(Mempool::Source source, std::size_t bytes) const {
  if (!source) return true;
  std::vector<Held> counted;
  for (const auto& each : held_) {
    if (!each.ready || !each.source) continue;
    counted.push_back(each);
    if (each.source == source) counted.push_back(each);
  }
  return is_within(counted, kPeersQuartersMax, bytes);
}

bool Model::shares_allow(const Held& wanted) const {
  const auto bytes = wanted.transaction.bytes.size();
  const auto may_have = [&](const AccountId& account) { return payer_may_have(account, bytes); };
  return std::ranges::all_of(payers_of(wanted.body()), may_have) &&
         source_may_have(wanted.source, bytes);
}

bool Model::is_within(const std::vector<Held>& held, std::size_t quarters, std::size_t bytes) {
  for (const auto& each : held) bytes += each.transaction.bytes.size();
  return 4 * (held.size() + 1) <= quarters * kConfig.transactions_max &&
         4 * bytes <= quarters * kConfig.bytes_max;
}

bool Model::fits(const std::vector<Held>& held, Mempool::Source source, std::size_t bytes) {
  auto of_peers = held;
  std::erase_if(of_peers, [](const Held& each) { return !each.source; });
  return is_within(held, 4, bytes) && (!source || is_within(of_peers, kPeersQuartersMax, bytes));
}

Admission Model::add(const ledger::SealedTransaction& transaction, Mempool::Source source,
                     base::Now now, Evicted& evicted) {
  const auto& body = transaction.transaction.body;
  const auto size = transaction.bytes.size();
  const auto is_it = [&](const Held& each) { return each.transaction.id == transaction.id; };
  if (std::ranges::any_of(held_, is_it)) return Admission::kAlreadyPending;
  ledger::Overlay scratch{state_};
  const ledger::BlockContext context{now.wall, genesis_.validators[0].fee_account};
  if (apply_transaction(genesis_, context, transaction, scratch).result !=
      TransactionResult::kApplied)
    return Admission::kRefused;
  if (body.valid_until.value - now.wall.value >
      static_cast<std::uint64_t>(kValidityMax.milliseconds()))
    return Admission::kExpiryTooFar;
  if (!is_payable(body)) return Admission::kRefused;
  const auto has_too_much = [&](const AccountId& account) {
    const auto more = account == body.sender ? body.operations.size() : 1;
    return operations(account) + more > kConfig.operations_per_payer_max;
  };
  if (std::ranges::any_of(payers_of(body), has_too_much)) return Admission::kSenderShareFull;
  auto ready = held_;
  std::erase_if(ready, [](const Held& each) { return !each.ready; });
  if (!is_within(ready, 4, size) || !source_may_have(source, size)) return Admission::kPoolFull;
  if (!shares_allow({transaction, source, now.monotonic})) return Admission::kSenderShareFull;
  auto kept = held_;
  while (!fits(kept, source, size)) {
    // The oldest of the peer with most, the first of several, or, when there is none, of clients.
    const auto rank = [&kept](const Held& of) {
      const auto most = std::ranges::count_if(
          kept, [&](const Held& each) { return !each.ready && each.source == of.source; });
      const auto peer = of.source ? std::int64_t{of.source->value} : 0;
      return std::tuple{of.source.has_value(), most, -peer};
    };
    auto victim = kept.end();
    for (auto each = kept.begin(); each != kept.end(); ++each) {
      if (each->ready) continue;
      if (victim == kept.end() || rank(*each) > rank(*victim)) victim = each;
    }
    evicted.push_back(victim->transaction.id);
    kept.erase(victim);
  }
  for (const auto& id : evicted) remove(id);
  held_.push_back({transaction, source, now.monotonic});
  if (source) held_.back().known_to.insert(source->value);
  update_round();
  return Admission::kAdmitted;
}

void Model::update_round() {
  std::vector<AccountId> senders;
  for (const auto& each : held_) {
    if (each.ready) senders.push_back(each.body().sender);
  }
  const auto is_in = [](const std::vector<AccountId>& list, const AccountId& account) {
    return std::ranges::find(list, account) != list.end();
  };
  std::erase_if(round_, [&](const AccountId& account) { return !is_in(senders, account); });
  for (const auto& sender : senders) {
    if (!is_in(round_, sender)) round_.push_back(sender);
  }
}

void Model::remove(const TransactionId& id) {
  const auto found =
      std::ranges::find_if(held_, [&](const Held& each) { return each.transaction.id == id; });
  const auto removed = *found;
  held_.erase(found);
  for (const auto& account : payers_of(removed.body())) {
    if (removed.ready) freed_.insert(account);
  }
  update_round();
}

void Model::rule_out(const AccountId& account, Dropped& dropped) {
  for (const auto& each : std::vector{held_}) {
    if (each.body().sender != account) continue;
    const auto result = state_.account(account)->nonces.check(each.body().nonce);
    if (ledger::result_class(result) != ledger::ResultClass::kNever) continue;
    dropped.emplace_back(each.transaction.id, result);
    remove(each.transaction.id);
  }
}

bool Model::park(const AccountId& account) {
  bool changed = false;
  for (auto latest = held_.rbegin(); latest != held_.rend(); ++latest) {
    const auto sums = reserved(account);
    const auto is_overdrawn = [&](const auto& debit) {
      return debit.second > 0 &&
             sums.at(debit.first) > state_.account(account)->balance(debit.first).units();
    };
    if (!latest->ready || std::ranges::none_of(debits_of(latest->body(), account), is_overdrawn))
      continue;
    latest->ready = false;
    ready_before_.insert(latest->transaction.id);
    update_round();
    for (const auto& payer : payers_of(latest->body())) freed_.insert(payer);
    changed = true;
  }
  return changed;
}

bool Model::wake(const AccountId& account, Evicted& evicted) {
  bool changed = false;
  std::vector<TransactionId> beyond_share;
  for (auto& each : held_) {
    const auto payers = payers_of(each.body());
    if (each.ready || std::ranges::find(payers, account) == payers.end()) continue;
    if (!is_payable(each.body())) continue;
    if (!shares_allow(each) && !ready_before_.contains(each.transaction.id)) {
      beyond_share.push_back(each.transaction.id);
      continue;
    }
    each.ready = true;
    update_round();
    changed = true;
  }
  for (const auto& id : beyond_share) {
    evicted.push_back(id);
    remove(id);
  }
  return changed;
}

bool Model::on_committed(const CommittedBlock& block, Dropped& dropped, Evicted& evicted) {
  for (const auto& transaction : block.block.transactions) {
    const auto& sender = transaction.transaction.body.sender;
    if (std::erase(round_, sender) > 0) round_.push_back(sender);
  }
  for (const auto& outcome : block.outcomes) {
    for (const auto& each : std::vector{held_}) {
      if (each.transaction.id != outcome.id) continue;
      remove(outcome.id);
    }
  }
  auto expired = held_;
  std::erase_if(expired, [&](const Held& each) {
    return each.body().valid_until >= block.block.header.timestamp;
  });
  std::ranges::stable_sort(expired, {}, [](const Held& each) { return each.body().valid_until; });
  for (const auto& each : expired) {
    remove(each.transaction.id);
    dropped.emplace_back(each.transaction.id, TransactionResult::kExpired);
  }
  bool changed = false;
  ready_before_.clear();
  for (const auto& [account, record] : block.changes) {
    if (operations(account) == 0) continue;
    freed_.insert(account);
    rule_out(account, dropped);
    changed |= park(account);
  }
  for (const auto& account : std::exchange(freed_, {})) changed |= wake(account, evicted);
  return changed;
}

std::vector<TransactionId> Model::take_unannounced(base::TimePoint cutoff, base::TimePoint now,
                                                   std::size_t max) {
  std::vector<TransactionId> out;
  while (out.size() < max) {
    const auto first = std::ranges::min_element(held_, {}, &Held::announced);
    if (first == held_.end() || first->announced >= cutoff) break;
    first->announced = now;
    out.push_back(first->transaction.id);
  }
  return out;
}

std::vector<TransactionId> Model::ready() const {
  std::vector<std::pair<std::size_t, TransactionId>> by_turn;
  for (const auto& sender : round_) {
    std::size_t turn = 0;
    for (const auto& each : held_) {
      if (each.ready && each.body().sender == sender)
        by_turn.emplace_back(turn++, each.transaction.id);
    }
  }
  std::ranges::stable_sort(by_turn, {}, [](const auto& each) { return each.first; });
  std::vector<TransactionId> out;
  out.reserve(by_turn.size());
  for (const auto& [turn, id] : by_turn) out.push_back(id);
  return out;
}

// Little money, few accounts and nonces, and a small pool, so that payments get in each other's
// way. The first account earns the fees; the second asset has none.
class MempoolModel : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static ledger::Genesis poor_genesis() {
    auto out = test_genesis(1);
    out.assets[0].fee_per_operation = ledger::Amount{10};
    out.assets.push_back({"EUR", 2, test_account(200), ledger::Amount{0}});
    out.validators[0].fee_account = test_account(101);
    for (auto& account : out.accounts)
      account.balances = {{{0}, ledger::Amount{1'000}}, {{1}, ledger::Amount{1'000}}};
    return out;
  }

  AccountId account() { return genesis_.accounts[rng_.below(genesis_.accounts.size())].id; }
  AccountId account_but(const AccountId& other) {
    for (;;) {
      if (const auto out = account(); out != other) return out;
    }
  }
  ledger::AssetId asset() { return {static_cast<std::uint32_t>(rng_.below(2))}; }
  PeerIndex peer() { return {static_cast<std::uint32_t>(rng_.below(kPeers))}; }

  // Nobody checks its signatures.
  ledger::SealedTransaction payment(std::uint64_t units_max) {
    ledger::SignedTransaction out;
    auto& body = out.body;
    body.sender = account();
    if (rng_.chance(1, 2)) body.sponsor = account_but(body.sender);
    body.nonce = {step_ / 4 + rng_.between(1, 20)};
    body.valid_until = {now_.wall.value + rng_.below(6'000)};
    if (rng_.chance(1, 50)) body.valid_until.value += 8 * 24 * 3'600'000;
    for (auto left = rng_.between(1, 3); left > 0; --left) {
      body.operations.emplace_back(ledger::Pay{account_but(body.sender),
                                               std::nullopt,
                                               asset(),
                                               ledger::Amount{rng_.between(1, units_max)},
                                               {},
                                               {}});
    }
    body.fee = {asset(), ledger::Amount{10 * body.operations.size()}};
    out.signatures.resize(ledger::signers_of(body));
    return ledger::seal(chain_, std::move(out));
  }

  void add() {
    const auto& held = model_.held();
    const bool again = !held.empty() && rng_.chance(1, 20);
    const auto transaction = again ? held[rng_.below(held.size())].transaction : payment(200);
    ASSERT_EQ(ledger::check_static(transaction), TransactionResult::kApplied);
    const auto source = rng_.chance(1, 3) ? Mempool::Source{} : Mempool::Source{peer()};
    Evicted evicted;
    const auto expected = model_.add(transaction, source, now_, evicted);
    const auto admitted = pool_.add(transaction, source, state_, now_);
    ASSERT_EQ(admitted.admission, expected);
    ASSERT_EQ(admitted.evicted, evicted);
    ++admissions_[expected];
    evicted_ += evicted.size();
  }

  // Some of what is pooled, and payments that only others have heard of.
  void commit() {
    std::vector<ledger::SealedTransaction> transactions;
    for (const auto& each : model_.held()) {
      if (rng_.chance(1, 3)) transactions.push_back(each.transaction);
    }
    for (auto left = rng_.below(12); left > 0; --left) transactions.push_back(payment(500));
    CommittedBlock block;
    block.block.header.timestamp = now_.wall;
    ledger::Overlay overlay{state_};
    const ledger::BlockContext context{now_.wall, genesis_.validators[0].fee_account};
    for (const auto& transaction : transactions) {
      const auto applied = apply_transaction(genesis_, context, transaction, overlay);
      if (applied.result != TransactionResult::kApplied) continue;
      block.block.transactions.push_back(transaction);
      block.outcomes.push_back(applied.outcome);
    }
    block.changes = overlay.changes();
    state_.apply(block.changes);
    const auto after = pool_.on_committed(block, state_);
    Dropped dropped;
    Evicted evicted;
    ASSERT_EQ(after.readiness_changed, model_.on_committed(block, dropped, evicted));
    ASSERT_EQ(pairs_of(after.dropped), dropped);
    ASSERT_EQ(after.evicted, evicted);
    not_woken_ += evicted.size();
    for (const auto& each : genesis_.accounts) ASSERT_TRUE(model_.is_covered(each.id));
    for (const auto& [id, result] : dropped) ++results_[*result];
    readiness_changes_ += after.readiness_changed ? 1 : 0;
  }

  void announce() {
    const base::TimePoint cutoff{now_.monotonic.microseconds -
                                 static_cast<std::int64_t>(rng_.below(20'000))};
    const auto max = rng_.below(8);
    ASSERT_EQ(pool_.take_unannounced(cutoff, now_.monotonic, max),
              model_.take_unannounced(cutoff, now_.monotonic, max));
    const auto to = peer();
    const auto forgotten = peer();
    for (auto& each : model_.held()) {
      if (rng_.chance(1, 2)) {
        pool_.mark_known(each.transaction.id, to);
        each.known_to.insert(to.value);
      }
      each.known_to.erase(forgotten.value);
    }
    pool_.forget_known(forgotten);
  }

  void compare() {
    std::vector<TransactionId> ready;
    std::size_t bytes = 0;
    for (const auto& each : model_.held()) {
      const auto* entry = pool_.find(each.transaction.id);
      ASSERT_NE(entry, nullptr);
      ASSERT_EQ(pool_.is_ready(each.transaction.id), each.ready);
      for (std::uint32_t i = 0; i < kPeers; ++i)
        ASSERT_EQ(entry->known_to.test(i), each.known_to.contains(i));
      bytes += each.transaction.bytes.size();
    }
    pool_.for_each_ready([&](const Mempool::Entry& entry, std::size_t) {
      ready.push_back(entry.transaction.id);
      return true;
    });
    ASSERT_EQ(ready, model_.ready());
    ASSERT_EQ(pool_.ready_count(), ready.size());
    compare_turns();
    ASSERT_EQ(pool_.size(), model_.held().size());
    ASSERT_EQ(pool_.bytes(), bytes);
  }

  void compare_turns() {
    std::map<ledger::AccountId, std::size_t> of_sender;
    std::map<ledger::AccountId, std::size_t> of_sender_by_clients;
    Mempool::ReadyTurns expected;
    for (const auto& each : model_.held()) {
      if (!each.ready) continue;
      const auto& sender = each.transaction.transaction.body.sender;
      if (++of_sender[sender] <= Mempool::kTurnsCounted) ++expected.all;
      if (!each.source && ++of_sender_by_clients[sender] <= Mempool::kTurnsCounted)
        ++expected.of_clients;
    }
    ASSERT_EQ(pool_.ready_turns().all, expected.all);
    ASSERT_EQ(pool_.ready_turns().of_clients, expected.of_clients);
  }

  base::Rng rng_{GetParam()};
  const ledger::Genesis genesis_ = poor_genesis();
  const ledger::ChainId chain_ = ledger::chain_id(genesis_);
  ledger::MemoryState state_ = test_bootstrap(genesis_).state.accounts();
  base::Now now_{{0}, {1'700'000'001'000}};
  std::uint64_t step_ = 0;
  Mempool pool_{kConfig, genesis_};
  Model model_{genesis_, state_};
  // How often each was seen.
  std::map<Admission, std::size_t> admissions_;
  std::map<TransactionResult, std::size_t> results_;
  std::size_t evicted_ = 0;
  std::size_t not_woken_ = 0;
  std::size_t readiness_changes_ = 0;
};

TEST_P(MempoolModel, HoldsWhatTheListHolds) {
  for (; step_ < 10'000; ++step_) {
    now_.monotonic.microseconds += static_cast<std::int64_t>(rng_.below(3'000));
    now_.wall.value += rng_.below(40);
    const auto draw = rng_.below(10);
    draw < 7 ? add() : draw < 9 ? commit() : announce();
    compare();
    if (HasFatalFailure()) FAIL() << "seed " << GetParam() << ", step " << step_;
  }
  for (const auto admission :
       {Admission::kAdmitted, Admission::kAlreadyPending, Admission::kRefused,
        Admission::kExpiryTooFar, Admission::kSenderShareFull, Admission::kPoolFull})
    EXPECT_GT(admissions_[admission], 5U) << static_cast<int>(admission);
  EXPECT_GT(results_[TransactionResult::kExpired], 5U);
  EXPECT_GT(results_[TransactionResult::kNonceUsed], 5U);
  EXPECT_GT(evicted_, 5U);
  EXPECT_GT(not_woken_, 0U);
  EXPECT_GT(readiness_changes_, 5U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, MempoolModel, ::testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace peerpay::node::testing
