#include "node/net/forgery_guard.h"

#include <algorithm>

#include "base/os/clock.h"

namespace peerpay::net {
namespace {

bool is_forged(const proto::TransactionStatus& status) {
  return status.result == ledger::TransactionResult::kSignatureInvalid;
}

}  // namespace

void ForgeryGuard::on_answer(const Caller& caller,
                             const Answer<std::vector<proto::TransactionStatus>>& answer) {
  if (!answer) return;
  const auto forged = static_cast<std::size_t>(std::ranges::count_if(*answer, is_forged));
  if (forged == 0) return;
  const std::scoped_lock lock{mutex_};
  if (watch_.is_flood(caller.host, forged, os::read_clock().monotonic) && cut_off_) {
    cut_off_(caller.connection);
  }
}

}  // namespace peerpay::net
