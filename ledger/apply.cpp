#include "ledger/apply.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "ledger/limits.h"
#include "ledger/operations/pay.h"
#include "ledger/postings.h"

namespace peerpay::ledger {
namespace {

using enum TransactionResult;

bool is_within_limits(const SignedTransaction& transaction) {
  const auto& operations = transaction.body.operations;
  const auto fits = [](const Operation& operation) {
    return std::visit([](const Pay& pay) { return ledger::is_within_limits(pay); }, operation);
  };
  return operations.size() <= kOperationsMax && transaction.signatures.size() <= kSignaturesMax &&
         std::all_of(operations.begin(), operations.end(), fits);
}

// The refusal of lowest number that `check` gives for any operation.
template <class Check>
TransactionResult first_refusal(const std::vector<Operation>& operations, Check check) {
  TransactionResult first = kApplied;
  for (const auto& operation : operations) {
    const TransactionResult result = std::visit(check, operation);
    if (result != kApplied && (first == kApplied || result < first)) first = result;
  }
  return first;
}

// Whether the legs of one asset sum above the largest supply.
bool is_overflowing(const std::vector<Operation>& operations) {
  base::InlineVector<Balance, 1> legs;
  legs.reserve(operations.size());
  for (const auto& operation : operations) {
    legs.push_back(std::visit(
        [](const Pay& pay) {
          return Balance{pay.asset, pay.amount};
        },
        operation));
  }
  std::sort(legs.begin(), legs.end(),
            [](const Balance& a, const Balance& b) { return a.asset < b.asset; });
  Amount sum;
  for (std::size_t i = 0; i < legs.size(); ++i) {
    if (i > 0 && legs[i].asset != legs[i - 1].asset) sum = Amount{};
    const auto next = sum.checked_add(legs[i].amount);
    if (!next || next->units() > kSupplyMax) return true;
    sum = *next;
  }
  return false;
}

PostingList postings_of(const Transaction& body, const BlockContext& context, Amount charged) {
  Postings postings{2 * body.operations.size() + 2};
  for (const auto& operation : body.operations) {
    std::visit([&](const Pay& pay) { post_pay(body.sender, pay, postings); }, operation);
  }
  postings.debit(body.sponsor.value_or(body.sender), body.fee.asset, charged);
  postings.credit(context.fee_account, body.fee.asset, charged);
  return std::move(postings).merged();
}

// What the transaction does to one account.
struct Change {
  const Account* before;  // null: there was none
  std::span<const Posting> postings;
  [[nodiscard]] const AccountId& id() const { return postings.front().account; }
};

// The accounts that the rules have read already.
struct Parties {
  const Account* sender;
  const Account* sponsor;  // null without one
};

const Account* read(const StateView& state, const Transaction& body, const Parties& parties,
                    const AccountId& id) {
  if (id == body.sender) return parties.sender;
  if (id == body.sponsor) return parties.sponsor;
  return state.account(id);
}

// Of payer, payee and who earns the fee.
using Changes = base::InlineVector<Change, 3>;

Changes changes_of(const StateView& state, const Transaction& body, const Parties& parties,
                   std::span<const Posting> postings) {
  Changes changes;
  changes.reserve(postings.size());
  for (auto rest = postings; !rest.empty();) {
    const auto own = postings_of(rest, rest.front().account);
    changes.push_back({read(state, body, parties, own.front().account), own});
    rest = rest.subspan(own.size());
  }
  return changes;
}

// Empty when it would rise above the largest supply. REQUIRES: the debit is covered.
std::optional<Amount> balance_after(const Account* before, const Posting& posting) {
  const Amount held = before != nullptr ? before->balance(posting.asset) : Amount{};
  const auto left = held.checked_sub(posting.debit);
  PEERPAY_CHECK(left.has_value(), "debits are covered before they are made");
  const auto balance = left->checked_add(posting.credit);
  if (!balance || balance->units() > kSupplyMax) return std::nullopt;
  return balance;
}

bool is_within_supply(const Change& change) {
  return std::ranges::all_of(change.postings, [&change](const Posting& posting) {
    return balance_after(change.before, posting).has_value();
  });
}

bool is_spendable(const Change& change) {
  return change.before != nullptr || crypto::is_valid(key_of(change.id()));
}

void make(const Change& change, const Transaction& body, Overlay& overlay) {
  Account after = change.before != nullptr ? *change.before : Account{};
  for (const Posting& posting : change.postings) {
    after.set_balance(posting.asset, *balance_after(change.before, posting));
  }
  if (change.id() == body.sender) after.nonces.use(body.nonce);
  overlay.put(change.id(), std::move(after));
}

// What a transaction that applies does. Stays where it is: the spans are of `postings`.
struct Plan {
  Plan() = default;
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  Amount charged;
  PostingList postings;
  Changes changes;
};

// The rules that need the state. Order of the lines is order of precedence (spec: ledger L17).
// REQUIRES: check_static and check_genesis gave kApplied.
TransactionResult plan(const Genesis& genesis, const BlockContext& context, const Transaction& body,
                       const StateView& state, Plan& out) {
  if (context.timestamp > body.valid_until) return kExpired;
  const Account* sender = state.account(body.sender);
  if (sender == nullptr) return kSenderUnknown;
  const Account* sponsor = body.sponsor ? state.account(*body.sponsor) : nullptr;
  if (body.sponsor && sponsor == nullptr) return kSponsorUnknown;
  const TransactionResult nonce = sender->nonces.check(body.nonce);
  if (nonce != kApplied) return nonce;

  out.charged = *required_fee(genesis, body);
  out.postings = postings_of(body, context, out.charged);
  if (!covers(*sender, postings_of(out.postings, body.sender))) return kFundsInsufficient;
  if (sponsor != nullptr && !covers(*sponsor, postings_of(out.postings, *body.sponsor))) {
    return kSponsorFundsInsufficient;
  }
  out.changes = changes_of(state, body, {sender, sponsor}, out.postings);
  if (!std::ranges::all_of(out.changes, is_within_supply)) return kBalanceOverflow;
  if (!std::ranges::all_of(out.changes, is_spendable)) return kPayeeInvalid;
  return kApplied;
}

}  // namespace

TransactionResult check_static(const SealedTransaction& transaction) {
  const auto& [body, signatures] = transaction.transaction;
  const auto check = [&sender = body.sender](const Pay& pay) {
    return check_pay_static(sender, pay);
  };
  if (!is_within_limits(transaction.transaction)) return kMalformed;
  if (body.version != kTransactionVersion) return kVersionUnsupported;
  if (body.operations.empty()) return kOperationsEmpty;
  if (body.nonce.value == 0) return kNonceZero;
  if (const auto result = first_refusal(body.operations, check); result != kApplied) return result;
  if (body.sponsor == body.sender) return kSponsorIsSender;
  if (is_overflowing(body.operations)) return kAmountOverflow;
  if (signatures.size() != signers_of(body)) return kSignatureMissing;
  return kApplied;
}

std::optional<Amount> required_fee(const Genesis& genesis, const Transaction& body) {
  const Asset* asset = genesis.asset(body.fee.asset);
  if (asset == nullptr) return std::nullopt;
  const auto fee = asset->fee_per_operation.checked_times(body.operations.size());
  if (!fee || fee->units() > kSupplyMax) return std::nullopt;
  return fee;
}

TransactionResult check_genesis(const Genesis& genesis, const SealedTransaction& transaction) {
  const Transaction& body = transaction.transaction.body;
  const auto check = [&genesis](const Pay& pay) { return check_pay_genesis(genesis, pay); };
  if (const auto result = first_refusal(body.operations, check); result != kApplied) return result;
  if (genesis.asset(body.fee.asset) == nullptr) return kFeeAssetUnknown;
  const auto required = required_fee(genesis, body);
  if (!required || body.fee.max < *required) return kFeeTooLow;
  return kApplied;
}

TransactionResult check_state(const Genesis& genesis, const BlockContext& context,
                              const SealedTransaction& transaction, const StateView& state) {
  Plan unused;
  return plan(genesis, context, transaction.transaction.body, state, unused);
}

Applied apply_transaction(const Genesis& genesis, const BlockContext& context,
                          const SealedTransaction& transaction, Overlay& overlay) {
  const Transaction& body = transaction.transaction.body;
  Plan planned;
  auto result = check_static(transaction);
  if (result == kApplied) result = check_genesis(genesis, transaction);
  if (result == kApplied) result = plan(genesis, context, body, overlay, planned);
  if (result != kApplied) return {result, Outcome{}};
  PEERPAY_CHECK(
      std::ranges::find(planned.changes, body.sender, &Change::id) != planned.changes.end(),
      "every operation debits the sender, so its nonce is used");
  // From here the transaction must succeed. What one change does, no other has read.
  for (const Change& change : planned.changes) make(change, body, overlay);
  return {kApplied, Outcome{transaction.id, kApplied, body.fee.asset, planned.charged}};
}

}  // namespace peerpay::ledger
