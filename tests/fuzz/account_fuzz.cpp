// Account records: canonical bytes. And the nonce window against a plain set of all nonces used.

#include <set>

#include "ledger/account.h"
#include "ledger/limits.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;
using namespace peerpay::ledger;

TransactionResult naive_check(const std::set<std::uint64_t>& used, std::uint64_t nonce) {
  const std::uint64_t highest = used.empty() ? 0 : *used.rbegin();
  if (nonce == 0) return TransactionResult::kNonceZero;
  if (nonce > highest) {
    return nonce - highest > kNonceAheadMax ? TransactionResult::kNonceTooFarAhead
                                            : TransactionResult::kApplied;
  }
  if (highest - nonce > kNonceWindow) return TransactionResult::kNonceTooOld;
  return used.contains(nonce) ? TransactionResult::kNonceUsed : TransactionResult::kApplied;
}

void check_window(fuzz::Draw& draw) {
  NonceWindow window;
  std::set<std::uint64_t> used;
  while (!draw.empty()) {
    const bool is_near = draw.coin();
    const auto nonce = is_near ? window.highest + 80 - draw.below(160) : draw.integer();
    const auto expected = naive_check(used, nonce);
    if (nonce == 0) continue;  // refused before the window is asked
    PEERPAY_CHECK(window.check({nonce}) == expected, "the window knows every nonce");
    if (expected != TransactionResult::kApplied) continue;
    window.use({nonce});
    used.insert(nonce);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView in{data, size};
  fuzz::check_canonical(in, decode_account);
  if (const auto account = decode_account(in)) {
    PEERPAY_CHECK(is_canonical(account->balances()), "balances ascend and none is zero");
  }
  fuzz::Draw draw{in};
  check_window(draw);
  return 0;
}
