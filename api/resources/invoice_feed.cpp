#include "api/resources/invoice_feed.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

namespace peerpay::api {

namespace asio = boost::asio;

struct InvoiceFeed::Watch::State {
  bool has_changed = false;
  asio::steady_timer* sleeping = nullptr;

  void wake() {
    if (sleeping != nullptr) sleeping->cancel();
  }
};

InvoiceFeed::InvoiceFeed() = default;
InvoiceFeed::~InvoiceFeed() = default;

InvoiceFeed::Watch::Watch(InvoiceFeed& feed, const InvoiceId& id)
    : feed_{feed}, id_{id}, state_{std::make_unique<State>()} {
  feed_.watches_.emplace(id_, this);
}

InvoiceFeed::Watch::~Watch() {
  const auto [first, last] = feed_.watches_.equal_range(id_);
  for (auto place = first; place != last; ++place) {
    if (place->second != this) continue;
    feed_.watches_.erase(place);
    return;
  }
}

http::Task<bool> InvoiceFeed::Watch::changed(base::Duration patience) {
  if (!state_->has_changed && !feed_.is_closed_) {
    asio::steady_timer timer{co_await asio::this_coro::executor,
                             std::chrono::microseconds{patience.microseconds}};
    state_->sleeping = &timer;
    boost::system::error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    state_->sleeping = nullptr;
  }
  co_return std::exchange(state_->has_changed, false);
}

void InvoiceFeed::tell(const InvoiceId& id) {
  const auto [first, last] = watches_.equal_range(id);
  for (auto place = first; place != last; ++place) {
    place->second->state_->has_changed = true;
    place->second->state_->wake();
  }
}

void InvoiceFeed::close() {
  is_closed_ = true;
  for (const auto& [id, watch] : watches_) watch->state_->wake();
}

}  // namespace peerpay::api
