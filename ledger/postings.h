#pragma once
// Postings: what one transaction does to balances, as double-entry bookkeeping sees it. Operations
// add debits and credits; the rules then look at each account once, however many legs name it.

#include <cstdint>
#include <span>

#include "base/inline_vector.h"
#include "ledger/account.h"
#include "ledger/amount.h"
#include "ledger/ids.h"

namespace peerpay::ledger {

// The sums of one account in one asset. Each is at most the legs and one fee of the asset, so below
// 2^64 (limits.h, kSupplyMax).
struct Posting {
  AccountId account;
  AssetId asset;
  Amount debit;
  Amount credit;
};

// A leg and a fee, each out of one account and into another.
using PostingList = base::InlineVector<Posting, 4>;

class Postings {
 public:
  explicit Postings(std::size_t size_expected) { postings_.reserve(size_expected); }
  void debit(const AccountId& account, AssetId asset, Amount amount);
  void credit(const AccountId& account, AssetId asset, Amount amount);
  // Ascending by account, then by asset; one each; none with both sums zero. Costs O(n log n).
  // REQUIRES: no sum overflows (check_static and check_genesis passed).
  [[nodiscard]] PostingList merged() &&;

 private:
  PostingList postings_;
};

// The run of `postings` that belongs to `account`. REQUIRES: ascending, as merged() gives them.
[[nodiscard]] std::span<const Posting> postings_of(std::span<const Posting> postings,
                                                   const AccountId& account);

// True when the balances cover every debit. Credits of the same transaction do not count.
[[nodiscard]] bool covers(const Account& account, std::span<const Posting> postings);

}  // namespace peerpay::ledger
