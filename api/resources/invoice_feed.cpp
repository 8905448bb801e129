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
  feed_.topics_[id_].watches.push_back(this);
  ++feed_.watches_;
}

InvoiceFeed::Watch::~Watch() {
  --feed_.watches_;
  const auto topic = feed_.topics_.find(id_);
  std::erase(topic->second.watches, this);
  if (topic->second.watches.empty()) feed_.topics_.erase(topic);
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

std::shared_ptr<const InvoiceFeed::News> InvoiceFeed::Watch::news() const {
  return feed_.topics_.at(id_).news;
}

void InvoiceFeed::Watch::keep(std::shared_ptr<const News> news) {
  feed_.topics_.at(id_).news = std::move(news);
}

std::unique_ptr<InvoiceFeed::Watch> InvoiceFeed::watch(const InvoiceId& id) {
  const auto topic = topics_.find(id);
  const auto beside = topic == topics_.end() ? 0 : topic->second.watches.size();
  if (watches_ >= kWatchesMax || beside >= kWatchesOfInvoiceMax) return nullptr;
  return std::unique_ptr<Watch>{new Watch{*this, id}};
}

void InvoiceFeed::tell(const InvoiceId& id) {
  const auto topic = topics_.find(id);
  if (topic == topics_.end()) return;
  topic->second.news = nullptr;
  for (auto* watch : topic->second.watches) {
    watch->state_->has_changed = true;
    watch->state_->wake();
  }
}

void InvoiceFeed::close() {
  is_closed_ = true;
  for (const auto& [id, topic] : topics_) {
    for (auto* watch : topic.watches) watch->state_->wake();
  }
}

}  // namespace peerpay::api
