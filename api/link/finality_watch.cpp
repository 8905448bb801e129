#include "api/link/finality_watch.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>

namespace peerpay::api {

namespace asio = boost::asio;

struct FinalityWatch::Waiter::State {
  base::UnixMillis valid_until;
  std::optional<Waiters::iterator> place = std::nullopt;
  bool is_settled = false;
  asio::steady_timer* sleeping = nullptr;

  void wake() {
    if (sleeping != nullptr) sleeping->cancel();
  }
  void settle() {
    is_settled = true;
    wake();
  }
};

FinalityWatch::FinalityWatch(std::size_t waiters_max) : waiters_max_{waiters_max} {}
FinalityWatch::~FinalityWatch() = default;

FinalityWatch::Waiter::Waiter(FinalityWatch& watch, const ledger::TransactionId& id,
                              base::UnixMillis valid_until)
    : watch_{watch}, state_{std::make_unique<State>(State{.valid_until = valid_until})} {
  if (watch_.waiters_.size() >= watch_.waiters_max_) return;
  state_->place = watch_.waiters_.emplace(id, state_.get());
}

FinalityWatch::Waiter::~Waiter() {
  if (state_->place) watch_.waiters_.erase(*state_->place);
}

bool FinalityWatch::Waiter::is_watching() const { return state_->place.has_value(); }

http::Task<bool> FinalityWatch::Waiter::settled(base::Duration patience) {
  if (is_watching() && !state_->is_settled && !watch_.is_closed_) {
    asio::steady_timer timer{co_await asio::this_coro::executor,
                             std::chrono::microseconds{patience.microseconds}};
    state_->sleeping = &timer;
    boost::system::error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    state_->sleeping = nullptr;
  }
  co_return state_->is_settled;
}

void FinalityWatch::on_blocks(const std::vector<FollowedBlock>& blocks) {
  if (blocks.empty() || waiters_.empty()) return;
  for (const auto& followed : blocks) {
    for (const auto& transaction : followed.block.transactions) {
      const auto [first, last] = waiters_.equal_range(transaction.id);
      for (auto place = first; place != last; ++place) place->second->settle();
    }
  }
  const auto now = blocks.back().block.header.timestamp;
  for (const auto& [id, waiter] : waiters_) {
    if (now > waiter->valid_until) waiter->settle();
  }
}

void FinalityWatch::close() {
  is_closed_ = true;
  for (const auto& [id, waiter] : waiters_) waiter->wake();
}

}  // namespace peerpay::api
