#include "node/net/live_calls.h"

#include <utility>

namespace peerpay::net {
namespace {

// Calls `leave` when the last copy goes.
template <class Leave>
std::shared_ptr<void> token(Leave leave) {
  return {nullptr, [leave = std::move(leave)](std::nullptr_t) { leave(); }};
}

}  // namespace

std::optional<CallTokens> LiveCalls::enter() {
  {
    const std::scoped_lock lock{state_->mutex};
    if (state_->places == max_) return std::nullopt;
    ++state_->places;
    ++state_->alive;
  }
  return CallTokens{token([state = state_] {
                      const std::scoped_lock lock{state->mutex};
                      if (--state->alive == 0) state->none.notify_all();
                    }),
                    token([state = state_] {
                      const std::scoped_lock lock{state->mutex};
                      --state->places;
                    })};
}

std::size_t LiveCalls::count() const {
  const std::scoped_lock lock{state_->mutex};
  return state_->places;
}

void LiveCalls::wait_until_none() {
  std::unique_lock lock{state_->mutex};
  state_->none.wait(lock, [this] { return state_->alive == 0; });
}

}  // namespace peerpay::net
