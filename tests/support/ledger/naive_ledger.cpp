#include "tests/support/ledger/naive_ledger.h"

#include <utility>
#include <vector>

namespace peerpay::ledger::test {
namespace {

using enum TransactionResult;

__extension__ using Int128 = __int128;
constexpr Int128 kMost = (Int128{1} << 63) - 1;

std::vector<Pay> legs_of(const Transaction& body) {
  std::vector<Pay> legs;
  for (const auto& operation : body.operations) legs.push_back(std::get<Pay>(operation));
  return legs;
}

std::uint64_t money_of(const NaiveLedger::Record& record, std::uint32_t asset) {
  const auto at = record.money.find(asset);
  return at == record.money.end() ? 0 : at->second;
}

void set_money(NaiveLedger::Record& record, std::uint32_t asset, std::uint64_t units) {
  record.money[asset] = units;
  if (units == 0) record.money.erase(asset);
}

bool take(NaiveLedger::Record& record, std::uint32_t asset, std::uint64_t units) {
  const std::uint64_t held = money_of(record, asset);
  if (held < units) return false;
  set_money(record, asset, held - units);
  return true;
}

bool give(NaiveLedger::Record& record, std::uint32_t asset, std::uint64_t units) {
  const Int128 sum = Int128{money_of(record, asset)} + units;
  if (sum > kMost) return false;
  set_money(record, asset, static_cast<std::uint64_t>(sum));
  return true;
}

}  // namespace

TransactionResult NaiveLedger::shape_refusal(const SignedTransaction& transaction) const {
  const Transaction& body = transaction.body;
  const auto legs = legs_of(body);
  for (const auto& leg : legs) {
    if (leg.reference.size() > 32 || leg.memo.size() > 256) return kMalformed;
  }
  if (legs.size() > 1024 || transaction.signatures.size() > 2) return kMalformed;
  if (body.version != 1) return kVersionUnsupported;
  if (legs.empty()) return kOperationsEmpty;
  if (body.nonce.value == 0) return kNonceZero;
  for (const auto& leg : legs) {
    if (leg.amount.units() == 0) return kAmountZero;
  }
  for (const auto& leg : legs) {
    if (leg.payee == body.sender) return kPayeeIsSender;
  }
  if (body.sponsor && *body.sponsor == body.sender) return kSponsorIsSender;
  std::map<std::uint32_t, Int128> sums;
  for (const auto& leg : legs) sums[leg.asset.value] += leg.amount.units();
  for (const auto& [asset, sum] : sums) {
    if (sum > kMost) return kAmountOverflow;
  }
  const std::size_t signers = body.sponsor ? 2 : 1;
  return transaction.signatures.size() == signers ? kApplied : kSignatureMissing;
}

TransactionResult NaiveLedger::genesis_refusal(const Transaction& body) const {
  for (const auto& leg : legs_of(body)) {
    if (leg.asset.value >= genesis_.assets.size()) return kAssetUnknown;
  }
  if (body.fee.asset.value >= genesis_.assets.size()) return kFeeAssetUnknown;
  const Int128 each = genesis_.assets[body.fee.asset.value].fee_per_operation.units();
  const Int128 fee = each * static_cast<Int128>(body.operations.size());
  return fee <= kMost && body.fee.max.units() >= fee ? kApplied : kFeeTooLow;
}

TransactionResult NaiveLedger::nonce_refusal(const Transaction& body) const {
  const auto& used = accounts_.at(body.sender).nonces;
  const std::uint64_t highest = used.empty() ? 0 : *used.rbegin();
  const std::uint64_t nonce = body.nonce.value;
  if (Int128{nonce} < Int128{highest} - 64) return kNonceTooOld;
  if (used.contains(nonce)) return kNonceUsed;
  if (Int128{nonce} > Int128{highest} + 65'536) return kNonceTooFarAhead;
  return kApplied;
}

TransactionResult NaiveLedger::move_money(const Transaction& body, const AccountId& fee_account) {
  const auto legs = legs_of(body);
  const std::uint32_t fee_asset = body.fee.asset.value;
  const std::uint64_t fee = genesis_.assets[fee_asset].fee_per_operation.units() * legs.size();
  Record& sender = accounts_.at(body.sender);
  for (const auto& leg : legs) {
    if (!take(sender, leg.asset.value, leg.amount.units())) return kFundsInsufficient;
  }
  if (!body.sponsor && !take(sender, fee_asset, fee)) return kFundsInsufficient;
  if (body.sponsor && !take(accounts_.at(*body.sponsor), fee_asset, fee)) {
    return kSponsorFundsInsufficient;
  }
  std::vector<std::pair<AccountId, Balance>> credits;
  credits.reserve(legs.size() + 1);
  for (const auto& leg : legs) credits.push_back({leg.payee, {leg.asset, leg.amount}});
  if (fee > 0) credits.push_back({fee_account, {body.fee.asset, Amount{fee}}});
  bool is_lost = false;
  for (const auto& [payee, money] : credits) {
    if (!accounts_.contains(payee) && !crypto::is_valid(key_of(payee))) is_lost = true;
    if (!give(accounts_[payee], money.asset.value, money.amount.units())) return kBalanceOverflow;
  }
  return is_lost ? kPayeeInvalid : kApplied;
}

TransactionResult NaiveLedger::apply(const SignedTransaction& transaction, base::UnixMillis time,
                                     const AccountId& fee_account) {
  const Transaction& body = transaction.body;
  if (const auto result = shape_refusal(transaction); result != kApplied) return result;
  if (const auto result = genesis_refusal(body); result != kApplied) return result;
  if (time > body.valid_until) return kExpired;
  if (!accounts_.contains(body.sender)) return kSenderUnknown;
  if (body.sponsor && !accounts_.contains(*body.sponsor)) return kSponsorUnknown;
  if (const auto result = nonce_refusal(body); result != kApplied) return result;
  auto before = accounts_;
  const TransactionResult result = move_money(body, fee_account);
  if (result == kApplied) {
    accounts_.at(body.sender).nonces.insert(body.nonce.value);
  } else {
    accounts_ = std::move(before);
  }
  return result;
}

StateChanges NaiveLedger::as_changes() const {
  StateChanges out;
  for (const auto& [id, record] : accounts_) {
    Account& account = out[id];
    for (const auto& [asset, units] : record.money) account.set_balance({asset}, Amount{units});
    if (record.nonces.empty()) continue;
    account.nonces.highest = *record.nonces.rbegin();
    for (std::uint64_t i = 0; i < 64 && i + 1 < account.nonces.highest; ++i) {
      const bool is_used = record.nonces.contains(account.nonces.highest - 1 - i);
      account.nonces.below |= std::uint64_t{is_used} << i;
    }
  }
  return out;
}

}  // namespace peerpay::ledger::test
