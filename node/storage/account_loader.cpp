#include "node/storage/account_loader.h"

#include <array>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/os/parallel.h"

namespace peerpay::storage {
namespace {

using base::ByteView;

// Ranges of ids, by their first bytes.
constexpr std::size_t kRanges = 32;
constexpr std::size_t kFirstBytesOfRange = 256 / kRanges;
// Put into the table at once, and read between two questions whether to stop.
constexpr std::size_t kAccountsAtOnce = 1024;

class AccountLoader {
 public:
  AccountLoader(const Database& database, const base::ShouldStop& should_stop)
      : database_{database}, should_stop_{should_stop} {}

  // From any thread.
  void read(std::size_t range) {
    Accounts some;
    if (!may_go_on(some)) return;
    bool is_readable = true;
    const std::array from{static_cast<std::uint8_t>(range * kFirstBytesOfRange)};
    const auto scanned = database_.scan(Table::kAccounts, from, [&](ByteView key, ByteView value) {
      if (key.empty() || key.front() / kFirstBytesOfRange != range) return false;
      const auto id = ledger::AccountId::from(key);
      auto account = ledger::decode_account(value);
      is_readable = id.has_value() && account.has_value();
      if (is_readable) some.emplace_back(*id, std::move(*account));
      return is_readable && (some.size() < kAccountsAtOnce || may_go_on(some));
    });
    if (!scanned) return fail(scanned.error());
    if (!is_readable) return fail(database_.corrupt("an account is not readable").error);
    take_in(some);
  }

  StorageExpected<ledger::MemoryState> finish() && {
    if (failure_) return base::Unexpected{std::move(*failure_)};
    return std::move(state_);
  }

 private:
  using Accounts = std::vector<std::pair<ledger::AccountId, ledger::Account>>;

  // Takes them in on the way.
  bool may_go_on(Accounts& some) {
    take_in(some);
    const std::lock_guard lock{mutex_};
    if (!failure_ && should_stop_()) failure_ = stopped_early().error;
    return !failure_;
  }
  void take_in(Accounts& some) {
    const std::lock_guard lock{mutex_};
    for (auto& [id, account] : some) state_.put(id, std::move(account));
    some.clear();
  }
  void fail(StorageError error) {
    const std::lock_guard lock{mutex_};
    if (!failure_) failure_ = std::move(error);
  }

  const Database& database_;
  std::mutex mutex_;
  const base::ShouldStop& should_stop_;  // called under mutex_
  ledger::MemoryState state_;            // guarded by mutex_
  std::optional<StorageError> failure_;  // guarded by mutex_
};

}  // namespace

StorageExpected<ledger::MemoryState> load_accounts(const Database& database,
                                                   const base::ShouldStop& should_stop) {
  AccountLoader loader{database, should_stop};
  os::for_each_parallel(kRanges, [&](std::size_t range) { loader.read(range); });
  return std::move(loader).finish();
}

}  // namespace peerpay::storage
