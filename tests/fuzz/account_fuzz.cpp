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

// Near the edges of the window, where mistakes are; sometimes anywhere. Wraps below 0.
std::uint64_t draw_nonce(fuzz::Draw& draw, std::uint64_t highest) {
  constexpr std::uint64_t kEdges[] = {
      0, 1, 2, 62, 63, 64, 65, 66, kNonceAheadMax, kNonceAheadMax + 1};
  const auto where = draw.byte();
  if (where >= 0xf0) return draw.integer();
  const auto distance = where < 0xa0 ? kEdges[where % std::size(kEdges)] : draw.below(80);
  return (where & 0x10) != 0 ? highest + distance : highest - distance;
}

void check_window(fuzz::Draw& draw) {
  NonceWindow window;
  std::set<std::uint64_t> used;
  while (!draw.empty()) {
    const auto nonce = draw_nonce(draw, window.highest);
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
