#pragma once
// PracticeLink: a node that does what the test says, on the loop of the test.

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "api/link/node_link.h"

namespace peerpay::api::test {

class PracticeLink final : public NodeLink {
 public:
  explicit PracticeLink(boost::asio::io_context& loop) : loop_{loop} {}

  std::vector<proto::FinalizedBlock> blocks;  // heights 1, 2, …
  ledger::BlockHash genesis_hash;
  bool is_up = true;
  bool is_silent = false;  // its streams end by the patience of who listens, which is over at once
  std::vector<base::Duration> patience_seen;  // of every wait for a block
  int subscriptions = 0;
  std::optional<proto::TransactionStatus> status_said;  // of every transaction; none: no answer
  std::vector<base::Bytes> submitted;
  std::chrono::milliseconds submit_delay{0};
  std::function<void()> on_submit;  // after the answer was made, before it is heard

  // New blocks, or another mood: lets the streams look again.
  void news() {
    for (auto* timer : waiting_) timer->cancel();
  }

  Task<Answer<proto::Head>> head() override {
    if (!is_up) co_return base::Unexpected{down()};
    proto::Head out;
    out.hash = blocks.empty() ? genesis_hash : blocks.back().hash;
    out.height = blocks.empty() ? ledger::Height{0} : blocks.back().height;
    co_return out;
  }
  Task<Answer<proto::FinalizedBlock>> block(proto::BlockQuery query) override {
    if (!is_up) co_return base::Unexpected{down()};
    co_return blocks.at(std::get<ledger::Height>(query).value - 1);
  }
  std::unique_ptr<BlockStream> subscribe(ledger::Height from) override {
    ++subscriptions;
    return std::make_unique<Stream>(*this, from);
  }
  Task<Answer<proto::GenesisFile>> genesis() override { return none<proto::GenesisFile>(); }
  Task<Answer<proto::AccountSnapshot>> account(ledger::AccountId) override {
    return none<proto::AccountSnapshot>();
  }
  Task<Answer<proto::HistoryPage>> history(proto::HistoryQuery) override {
    return none<proto::HistoryPage>();
  }
  Task<Answer<proto::TransactionStatus>> transaction(proto::TransactionQuery query) override {
    co_return said(query.id);
  }
  Task<Answer<base::Bytes>> receipt(ledger::TransactionId) override { return none<base::Bytes>(); }
  Task<Answer<proto::TransactionStatus>> submit(base::Bytes transaction) override {
    submitted.push_back(std::move(transaction));
    if (submit_delay.count() > 0) {
      boost::asio::steady_timer timer{loop_, submit_delay};
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
    const auto answer = said({});
    if (on_submit) on_submit();
    co_return answer;
  }
  bool is_connected() const override { return is_up; }
  Task<void> stop() override { co_return; }

 private:
  Answer<proto::TransactionStatus> said(const ledger::TransactionId& id) const {
    if (!status_said) return base::Unexpected{down()};
    auto out = *status_said;
    if (out.id.is_zero()) out.id = id;
    return out;
  }
  static proto::NodeError down() {
    return {proto::NodeFault::kUnreachable, "node_unreachable", "The node is down."};
  }
  static proto::NodeError silent() {
    return {proto::NodeFault::kTimeout, "node_timeout", "The node has gone silent."};
  }
  template <class T>
  static Task<Answer<T>> none() {
    co_return base::Unexpected{down()};
  }

  class Stream final : public BlockStream {
   public:
    Stream(PracticeLink& link, ledger::Height from) : link_{link}, next_{from.value} {}
    Task<Answer<proto::FinalizedBlock>> next(base::Duration patience) override {
      link_.patience_seen.push_back(patience);
      while (link_.is_up && !link_.is_silent && next_ > link_.blocks.size()) {
        boost::asio::steady_timer timer{link_.loop_, boost::asio::steady_timer::time_point::max()};
        const auto place = link_.waiting_.insert(link_.waiting_.end(), &timer);
        (void)place;
        boost::system::error_code woken;
        co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
        std::erase(link_.waiting_, &timer);
      }
      if (!link_.is_up) co_return base::Unexpected{down()};
      if (link_.is_silent) co_return base::Unexpected{silent()};
      co_return link_.blocks[next_++ - 1];
    }

   private:
    PracticeLink& link_;
    std::uint64_t next_;
  };

  boost::asio::io_context& loop_;
  std::vector<boost::asio::steady_timer*> waiting_;
};

}  // namespace peerpay::api::test
