#include "ledger/account.h"

#include <algorithm>

#include "ledger/codec.h"
#include "ledger/limits.h"

namespace peerpay::ledger {
namespace {

constexpr std::size_t kBalanceBytes = 4 + 8;
constexpr std::size_t kAccountHeadBytesMax = 8 + 8 + 2;

bool asset_below(const Balance& balance, AssetId asset) { return balance.asset < asset; }

// `below` with every bit one place further from the highest for each of `steps`.
std::uint64_t shifted(std::uint64_t below, std::uint64_t steps) {
  return steps >= kNonceWindow ? 0 : below << steps;
}

// One encoding per content: a bit that would stand for nonce 0 or less is never set.
bool is_canonical(const NonceWindow& window) {
  if (window.highest > kNonceWindow) return true;
  if (window.highest == 0) return window.below == 0;
  return (window.below >> (window.highest - 1)) == 0;
}

void write(base::BcsWriter& out, const Account& account) {
  out.u64(account.nonces.highest);
  out.u64(account.nonces.below);
  write_balances(out, account.balances());
}

Account read_account(base::BcsReader& in) {
  Account account;
  account.nonces.highest = in.u64();
  account.nonces.below = in.u64();
  if (!is_canonical(account.nonces)) in.fail(base::DecodeError::kValueInvalid);
  const auto balances = read_balances(in);
  if (!is_canonical(balances)) in.fail(base::DecodeError::kNotCanonical);
  if (in.ok()) {
    for (const auto& [asset, amount] : balances) account.set_balance(asset, amount);
  }
  return account;
}

}  // namespace

TransactionResult NonceWindow::check(Nonce nonce) const {
  if (nonce.value == 0) return TransactionResult::kNonceZero;
  if (nonce.value > highest) {
    const bool is_near = nonce.value - highest <= kNonceAheadMax;
    return is_near ? TransactionResult::kApplied : TransactionResult::kNonceTooFarAhead;
  }
  const std::uint64_t distance = highest - nonce.value;
  if (distance == 0) return TransactionResult::kNonceUsed;
  if (distance > kNonceWindow) return TransactionResult::kNonceTooOld;
  const bool is_used = ((below >> (distance - 1)) & 1) != 0;
  return is_used ? TransactionResult::kNonceUsed : TransactionResult::kApplied;
}

void NonceWindow::use(Nonce nonce) {
  if (nonce.value < highest) {
    below |= std::uint64_t{1} << (highest - nonce.value - 1);
    return;
  }
  const std::uint64_t steps = nonce.value - highest;
  const std::uint64_t old_highest = highest == 0 ? 0 : 1;  // nonce 0 leaves no mark
  below = shifted(below, steps) | shifted(old_highest, steps - 1);
  highest = nonce.value;
}

Amount Account::balance(AssetId asset) const {
  const auto at = std::lower_bound(balances_.begin(), balances_.end(), asset, asset_below);
  return at != balances_.end() && at->asset == asset ? at->amount : Amount{};
}

void Account::set_balance(AssetId asset, Amount amount) {
  const auto at = std::lower_bound(balances_.begin(), balances_.end(), asset, asset_below);
  const bool is_held = at != balances_.end() && at->asset == asset;
  if (is_held && amount.is_zero()) {
    balances_.erase(at);
  } else if (is_held) {
    at->amount = amount;
  } else if (!amount.is_zero()) {
    balances_.insert(at, Balance{asset, amount});
  }
}

bool is_canonical(std::span<const Balance> balances) {
  for (std::size_t i = 0; i < balances.size(); ++i) {
    if (balances[i].amount.is_zero()) return false;
    if (i > 0 && balances[i - 1].asset >= balances[i].asset) return false;
  }
  return true;
}

void write_balances(base::BcsWriter& out, std::span<const Balance> balances) {
  out.uleb(static_cast<std::uint32_t>(balances.size()));
  for (const auto& [asset, amount] : balances) {
    out.u32(asset.value);
    out.u64(amount.units());
  }
}

std::vector<Balance> read_balances(base::BcsReader& in) {
  const std::size_t count = in.length(kAssetsMax, kBalanceBytes);
  std::vector<Balance> balances(count);
  for (auto& [asset, amount] : balances) {
    asset.value = in.u32();
    amount = Amount{in.u64()};
  }
  return balances;
}

base::Bytes encode(const Account& account) {
  base::BcsWriter out{kAccountHeadBytesMax + account.balances().size() * kBalanceBytes};
  write(out, account);
  return std::move(out).take();
}

base::Expected<Account, base::DecodeError> decode_account(base::ByteView bytes) {
  return decode_whole(bytes, read_account);
}

}  // namespace peerpay::ledger
