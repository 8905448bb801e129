#include "ledger/postings.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace peerpay::ledger {
namespace {

bool in_order(const Posting& a, const Posting& b) {
  const auto order = a.account <=> b.account;
  return order != 0 ? order < 0 : a.asset < b.asset;
}

bool is_same_balance(const Posting& a, const Posting& b) {
  return a.account == b.account && a.asset == b.asset;
}

Amount sum_of(Amount a, Amount b) {
  const auto sum = a.checked_add(b);
  PEERPAY_CHECK(sum.has_value(), "the legs and the fee of one asset are bounded by check_static");
  return *sum;
}

}  // namespace

void Postings::debit(const AccountId& account, AssetId asset, Amount amount) {
  if (!amount.is_zero()) postings_.push_back({account, asset, amount, Amount{}});
}

void Postings::credit(const AccountId& account, AssetId asset, Amount amount) {
  if (!amount.is_zero()) postings_.push_back({account, asset, Amount{}, amount});
}

PostingList Postings::merged() && {
  // Equal keys may come in any order: sums do not depend on it.
  std::sort(postings_.begin(), postings_.end(), in_order);
  std::size_t filled = 0;
  for (const Posting& next : postings_) {
    if (filled == 0 || !is_same_balance(postings_[filled - 1], next)) {
      postings_[filled++] = next;
      continue;
    }
    Posting& sum = postings_[filled - 1];
    sum.debit = sum_of(sum.debit, next.debit);
    sum.credit = sum_of(sum.credit, next.credit);
  }
  postings_.resize(filled);
  return std::move(postings_);
}

std::span<const Posting> postings_of(std::span<const Posting> postings, const AccountId& account) {
  const auto below = [](const Posting& posting, const AccountId& id) {
    return posting.account < id;
  };
  const auto begin = std::lower_bound(postings.begin(), postings.end(), account, below);
  auto end = begin;
  while (end != postings.end() && end->account == account) ++end;
  return {begin, end};
}

bool covers(const Account& account, std::span<const Posting> postings) {
  return std::all_of(postings.begin(), postings.end(), [&account](const Posting& posting) {
    return account.balance(posting.asset) >= posting.debit;
  });
}

}  // namespace peerpay::ledger
