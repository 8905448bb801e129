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
  std::vector<Balance> legs;
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

std::vector<Posting> postings_of(const Transaction& body, const BlockContext& context,
                                 Amount charged) {
  Postings postings{2 * body.operations.size() + 2};
  for (const auto& operation : body.operations) {
    std::visit([&](const Pay& pay) { post_pay(body.sender, pay, postings); }, operation);
  }
  postings.debit(body.sponsor.value_or(body.sender), body.fee.asset, charged);
  postings.credit(context.fee_account, body.fee.asset, charged);
  return std::move(postings).merged();
}

// One account as it will be after the transaction.
struct Draft {
  AccountId id;
  Account after;
  bool is_new;
};

// The accounts that the rules have read already.
struct Parties {
  const Account* sender;
  const Account* sponsor;  // null without one
};

const Account* read(const Overlay& state, const Transaction& body, const Parties& parties,
                    const AccountId& id) {
  if (id == body.sender) return parties.sender;
  if (id == body.sponsor) return parties.sponsor;
  return state.account(id);
}

// Empty when a balance would rise above the largest supply. REQUIRES: every debit is covered.
std::optional<std::vector<Draft>> draft_all(const Overlay& before, const Transaction& body,
                                            const Parties& parties,
                                            std::span<const Posting> postings) {
  std::vector<Draft> drafts;
  drafts.reserve(postings.size());
  for (const auto& [id, asset, debit, credit] : postings) {
    if (drafts.empty() || drafts.back().id != id) {
      const Account* account = read(before, body, parties, id);
      drafts.push_back({id, account != nullptr ? *account : Account{}, account == nullptr});
    }
    Account& after = drafts.back().after;
    const auto left = after.balance(asset).checked_sub(debit);
    PEERPAY_CHECK(left.has_value(), "debits are covered before they are drafted");
    const auto balance = left->checked_add(credit);
    if (!balance || balance->units() > kSupplyMax) return std::nullopt;
    after.set_balance(asset, *balance);
  }
  return drafts;
}

bool is_spendable(const Draft& draft) {
  return !draft.is_new || crypto::is_valid(key_of(draft.id));
}

void commit(std::vector<Draft>&& drafts, const Transaction& body, Overlay& overlay) {
  bool is_nonce_used = false;
  for (Draft& draft : drafts) {
    if (draft.id == body.sender) {
      draft.after.nonces.use(body.nonce);
      is_nonce_used = true;
    }
    overlay.put(draft.id, std::move(draft.after));
  }
  PEERPAY_CHECK(is_nonce_used, "every operation debits the sender");
}

Applied refused(TransactionResult result) { return {result, Outcome{}}; }

// The rules that need the state. Order of the lines is order of precedence (spec: ledger L17).
// REQUIRES: check_static and check_genesis gave kApplied.
Applied apply_checked(const Genesis& genesis, const BlockContext& context,
                      const SealedTransaction& transaction, Overlay& overlay) {
  const Transaction& body = transaction.transaction.body;
  if (context.timestamp > body.valid_until) return refused(kExpired);
  const Account* sender = overlay.account(body.sender);
  if (sender == nullptr) return refused(kSenderUnknown);
  const Account* sponsor = body.sponsor ? overlay.account(*body.sponsor) : nullptr;
  if (body.sponsor && sponsor == nullptr) return refused(kSponsorUnknown);
  const TransactionResult nonce = sender->nonces.check(body.nonce);
  if (nonce != kApplied) return refused(nonce);

  const Amount charged = *required_fee(genesis, body);
  const auto postings = postings_of(body, context, charged);
  if (!covers(*sender, postings_of(postings, body.sender))) return refused(kFundsInsufficient);
  if (sponsor != nullptr && !covers(*sponsor, postings_of(postings, *body.sponsor))) {
    return refused(kSponsorFundsInsufficient);
  }
  auto drafts = draft_all(overlay, body, {sender, sponsor}, postings);
  if (!drafts) return refused(kBalanceOverflow);
  if (!std::all_of(drafts->begin(), drafts->end(), is_spendable)) return refused(kPayeeInvalid);
  // From here the transaction must succeed.
  commit(std::move(*drafts), body, overlay);
  return {kApplied, Outcome{transaction.id, kApplied, body.fee.asset, charged}};
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

Applied apply_transaction(const Genesis& genesis, const BlockContext& context,
                          const SealedTransaction& transaction, Overlay& overlay) {
  if (const auto result = check_static(transaction); result != kApplied) return refused(result);
  if (const auto result = check_genesis(genesis, transaction); result != kApplied) {
    return refused(result);
  }
  return apply_checked(genesis, context, transaction, overlay);
}

}  // namespace peerpay::ledger
