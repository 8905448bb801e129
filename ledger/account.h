#pragma once
// The record of one account: its nonce window and its balances.

#include <cstdint>
#include <span>
#include <vector>

#include "base/bcs.h"
#include "base/inline_vector.h"
#include "ledger/amount.h"
#include "ledger/ids.h"
#include "ledger/result.h"

namespace peerpay::ledger {

// Anti-replay window, as RFC 4303 section 3.4.3: the highest nonce used, and one bit for each of
// the 64 below it (bit i stands for highest - 1 - i, and is never set for nonce 0). A fresh account
// has used nothing; nonce 0 is never valid (spec: ledger L23).
struct NonceWindow {
  std::uint64_t highest = 0;
  std::uint64_t below = 0;
  friend bool operator==(const NonceWindow&, const NonceWindow&) = default;

  // kApplied when `nonce` may be used now.
  [[nodiscard]] TransactionResult check(Nonce nonce) const;
  // REQUIRES: check(nonce) == kApplied.
  void use(Nonce nonce);
};

struct Balance {
  AssetId asset;
  Amount amount;
  friend bool operator==(const Balance&, const Balance&) = default;
};

// Most accounts hold one asset.
using Balances = base::InlineVector<Balance, 1>;

class Account {
 public:
  friend bool operator==(const Account&, const Account&) = default;

  NonceWindow nonces;

  [[nodiscard]] Amount balance(AssetId asset) const;
  // Setting zero removes the entry: one encoding per content.
  void set_balance(AssetId asset, Amount amount);
  // Ascending by asset, none zero.
  [[nodiscard]] const Balances& balances() const { return balances_; }

 private:
  Balances balances_;
};

// True when ascending by asset with no duplicate and no zero.
[[nodiscard]] bool is_canonical(std::span<const Balance> balances);
// vector<{asset u32, amount u64}>, as records and the genesis hold it. Reading checks the length
// (at most kAssetsMax) and leaves the order to the caller.
void write_balances(base::BcsWriter& out, std::span<const Balance> balances);
[[nodiscard]] std::vector<Balance> read_balances(base::BcsReader& in);

// nonces.highest u64, nonces.below u64, balances vector<{asset u32, amount u64}> ascending,
// non-zero.
[[nodiscard]] base::Bytes encode(const Account& account);
[[nodiscard]] base::Expected<Account, base::DecodeError> decode_account(base::ByteView bytes);

}  // namespace peerpay::ledger
