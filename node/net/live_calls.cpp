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

std::optional<CallTokens> LiveCalls::enter(const std::string& host) {
  std::map<std::string, std::size_t>::iterator own;  // stays valid while it is not zero
  {
    const std::scoped_lock lock{state_->mutex};
    own = state_->places_by_host.try_emplace(host, 0).first;
    if (own->second >= max_ - state_->places) {
      if (own->second == 0) state_->places_by_host.erase(own);
      return std::nullopt;
    }
    ++own->second;
    ++state_->places;
    ++state_->alive;
  }
  return CallTokens{token([state = state_] {
                      const std::scoped_lock lock{state->mutex};
                      if (--state->alive == 0) state->none.notify_all();
                    }),
                    token([state = state_, own] {
                      const std::scoped_lock lock{state->mutex};
                      --state->places;
                      if (--own->second == 0) state->places_by_host.erase(own);
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
