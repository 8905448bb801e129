#include "ledger/invariants.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "ledger/limits.h"

namespace peerpay::ledger {
namespace {

// What flows through one account in a block may sum above 64 bits, although no balance can.
__extension__ using Int128 = __int128;

struct Movement {
  AccountId account;
  AssetId asset;
  Int128 change = 0;
  friend bool operator==(const Movement&, const Movement&) = default;
};
using Movements = std::vector<Movement>;

struct NonceUse {
  AccountId sender;
  std::uint64_t nonce;
  friend bool operator==(const NonceUse&, const NonceUse&) = default;
};

struct Touched {
  const AccountId& id;
  const Account* before;  // null for a new account
  const Account& after;
};

// What the block says, and what the records say; each invariant compares some of them. All
// ascending.
struct Facts {
  std::vector<Touched> accounts;
  Movements claimed;             // by the block; one per account and asset
  Movements observed;            // in the records; likewise, none zero
  std::vector<NonceUse> nonces;  // of the block
};

using Broken = std::optional<std::string>;

std::string text_of(const AccountId& account) { return "account " + base::to_hex(account.view()); }

void move(Movements& out, const AccountId& account, AssetId asset, Int128 change) {
  if (change != 0) out.push_back({account, asset, change});
}

bool is_before(const Movement& a, const Movement& b) {
  const auto order = a.account <=> b.account;
  return order != 0 ? order < 0 : a.asset < b.asset;
}

bool is_before(const NonceUse& a, const NonceUse& b) {
  const auto order = a.sender <=> b.sender;
  return order != 0 ? order < 0 : a.nonce < b.nonce;
}

Movements merged(Movements movements) {
  std::sort(movements.begin(), movements.end(),
            [](const Movement& a, const Movement& b) { return is_before(a, b); });
  std::size_t filled = 0;
  for (const Movement& next : movements) {
    Movement* last = filled > 0 ? &movements[filled - 1] : nullptr;
    if (last != nullptr && last->account == next.account && last->asset == next.asset) {
      last->change += next.change;
    } else {
      movements[filled++] = next;
    }
  }
  movements.resize(filled);
  return movements;
}

void claim(Movements& out, const AccountId& sender, const Pay& pay) {
  move(out, sender, pay.asset, -Int128{pay.amount.units()});
  move(out, pay.payee, pay.asset, Int128{pay.amount.units()});
}

// REQUIRES: one outcome for each transaction (OutcomesMatchTheBlock).
Movements claimed_by(const InvariantInput& input) {
  Movements out;
  out.reserve(4 * input.outcomes.size());
  for (std::size_t i = 0; i < input.outcomes.size(); ++i) {
    const Transaction& body = input.block.transactions[i].transaction.body;
    const Outcome& outcome = input.outcomes[i];
    for (const auto& operation : body.operations) {
      std::visit([&](const Pay& pay) { claim(out, body.sender, pay); }, operation);
    }
    const Int128 fee{outcome.fee_charged.units()};
    move(out, body.sponsor.value_or(body.sender), outcome.fee_asset, -fee);
    move(out, input.fee_account, outcome.fee_asset, fee);
  }
  return merged(std::move(out));
}

std::vector<Touched> touched_by(const InvariantInput& input) {
  std::vector<Touched> out;
  out.reserve(input.changes.size());
  for (const auto& [id, after] : input.changes) {
    out.push_back({id, input.before.account(id), after});
  }
  return out;
}

// Balances are ascending by asset before and after, so one walk over both finds what changed.
void observe(const Touched& account, Movements& out) {
  static const Account kNone;
  const auto& before = (account.before != nullptr ? *account.before : kNone).balances();
  const auto& after = account.after.balances();
  auto old = before.begin();
  for (const auto& [asset, amount] : after) {
    for (; old != before.end() && old->asset < asset; ++old) {
      move(out, account.id, old->asset, -Int128{old->amount.units()});
    }
    const bool was_held = old != before.end() && old->asset == asset;
    const Int128 held{was_held ? (old++)->amount.units() : 0};
    move(out, account.id, asset, Int128{amount.units()} - held);
  }
  for (; old != before.end(); ++old) {
    move(out, account.id, old->asset, -Int128{old->amount.units()});
  }
}

Movements observed_in(const std::vector<Touched>& accounts) {
  Movements out;
  out.reserve(accounts.size());
  for (const auto& account : accounts) observe(account, out);
  return out;
}

std::vector<NonceUse> nonces_of(const Block& block) {
  std::vector<NonceUse> out;
  out.reserve(block.transactions.size());
  for (const auto& transaction : block.transactions) {
    const Transaction& body = transaction.transaction.body;
    out.push_back({body.sender, body.nonce.value});
  }
  std::sort(out.begin(), out.end(),
            [](const NonceUse& a, const NonceUse& b) { return is_before(a, b); });
  return out;
}

Facts facts_of(const InvariantInput& input) {
  auto accounts = touched_by(input);
  auto observed = observed_in(accounts);
  return {std::move(accounts), claimed_by(input), std::move(observed), nonces_of(input.block)};
}

Broken outcomes_match_the_block(const InvariantInput& input) {
  const auto& transactions = input.block.transactions;
  if (transactions.size() != input.outcomes.size()) {
    return "there is not one outcome for each transaction";
  }
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    const Outcome& outcome = input.outcomes[i];
    const FeeOffer& offer = transactions[i].transaction.body.fee;
    const bool is_matching = outcome.id == transactions[i].id &&
                             outcome.result == TransactionResult::kApplied &&
                             outcome.fee_asset == offer.asset && outcome.fee_charged <= offer.max;
    if (!is_matching) return "outcome " + std::to_string(i) + " is not that of its transaction";
  }
  return std::nullopt;
}

Broken accounts_never_vanish(const Facts& facts) {
  auto at = facts.accounts.begin();
  for (const auto& movement : facts.claimed) {
    while (at != facts.accounts.end() && at->id < movement.account) ++at;
    if (at == facts.accounts.end() || at->id != movement.account) {
      return text_of(movement.account) + " is named by the block and has no record after it";
    }
  }
  for (const auto& [id, before, after] : facts.accounts) {
    if (before != nullptr && after.nonces.highest < before->nonces.highest) {
      return text_of(id) + " forgot its highest nonce";
    }
  }
  return std::nullopt;
}

// Written from the definition, not from NonceWindow::check, which it controls.
bool is_used(const NonceWindow& window, std::uint64_t nonce) {
  if (nonce == 0 || nonce > window.highest) return false;
  if (nonce == window.highest) return true;
  const std::uint64_t bit = window.highest - nonce - 1;
  return bit < kNonceWindow && (window.below >> bit) % 2 == 1;
}

Broken broken_window(const NonceWindow& before, const NonceWindow& after,
                     std::span<const NonceUse> uses) {
  std::uint64_t highest = before.highest;
  for (const auto& use : uses) {
    if (is_used(before, use.nonce)) return "used nonce " + std::to_string(use.nonce) + " again";
    highest = std::max(highest, use.nonce);
  }
  if (after.highest != highest) return "has the wrong highest nonce";
  const std::uint64_t oldest = highest > kNonceWindow ? highest - kNonceWindow : 1;
  for (std::uint64_t nonce = oldest; nonce < highest; ++nonce) {
    const bool is_of_block = std::any_of(
        uses.begin(), uses.end(), [nonce](const NonceUse& use) { return use.nonce == nonce; });
    if (is_used(after, nonce) != (is_used(before, nonce) || is_of_block)) {
      return "has the wrong mark for nonce " + std::to_string(nonce);
    }
  }
  return std::nullopt;
}

Broken nonces_are_used_once(const Facts& facts) {
  const auto& uses = facts.nonces;
  const auto twice = std::adjacent_find(uses.begin(), uses.end());
  if (twice != uses.end()) {
    return text_of(twice->sender) + " used nonce " + std::to_string(twice->nonce) + " twice";
  }
  auto begin = uses.begin();
  for (const auto& [id, before, after] : facts.accounts) {
    auto end = begin;
    while (end != uses.end() && end->sender == id) ++end;
    const NonceWindow window = before != nullptr ? before->nonces : NonceWindow{};
    const bool is_idle = begin == end && window == after.nonces;
    const auto broken = is_idle ? Broken{} : broken_window(window, after.nonces, {begin, end});
    if (broken) return text_of(id) + " " + *broken;
    begin = end;
  }
  if (begin != uses.end()) return text_of(begin->sender) + " used a nonce and has no record";
  return std::nullopt;
}

Broken money_is_conserved(const Facts& facts) {
  std::map<AssetId, Int128> total;
  for (const auto& movement : facts.observed) total[movement.asset] += movement.change;
  for (const auto& [asset, change] : total) {
    if (change > 0) return "asset " + std::to_string(asset.value) + " was created";
    if (change < 0) return "asset " + std::to_string(asset.value) + " was destroyed";
  }
  return std::nullopt;
}

Broken balances_match_the_block(const Facts& facts) {
  Movements claimed = facts.claimed;
  std::erase_if(claimed, [](const Movement& movement) { return movement.change == 0; });
  const auto [at, other] =
      std::mismatch(claimed.begin(), claimed.end(), facts.observed.begin(), facts.observed.end());
  if (at != claimed.end()) return text_of(at->account) + " did not change as the block says";
  if (other != facts.observed.end()) {
    return text_of(other->account) + " changed and the block is silent";
  }
  return std::nullopt;
}

struct Invariant {
  std::string_view name;
  Broken (*check)(const Facts&);
};

constexpr Invariant kInvariants[] = {
    {"AccountsNeverVanish", accounts_never_vanish},
    {"NoncesAreUsedOnce", nonces_are_used_once},
    {"MoneyIsConserved", money_is_conserved},
    {"BalancesMatchTheBlock", balances_match_the_block},
};

}  // namespace

std::optional<InvariantViolation> check_invariants(const InvariantInput& input) {
  if (auto broken = outcomes_match_the_block(input)) {
    return InvariantViolation{"OutcomesMatchTheBlock", std::move(*broken)};
  }
  const Facts facts = facts_of(input);
  for (const auto& invariant : kInvariants) {
    if (auto broken = invariant.check(facts)) {
      return InvariantViolation{invariant.name, std::move(*broken)};
    }
  }
  return std::nullopt;
}

std::optional<Amount> total_supply(const MemoryState& state, AssetId asset) {
  Amount total;
  for (const auto& [id, account] : state.accounts()) {
    const auto sum = total.checked_add(account.balance(asset));
    if (!sum || sum->units() > kSupplyMax) return std::nullopt;
    total = *sum;
  }
  return total;
}

}  // namespace peerpay::ledger
