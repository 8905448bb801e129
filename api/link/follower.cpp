#include "api/link/follower.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <list>
#include <utility>

namespace peerpay::api {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;

constexpr std::chrono::milliseconds kRetryFirst{100};
constexpr std::chrono::milliseconds kRetryLast{5'000};
constexpr std::int64_t kHeartbeatsMissedMax = 3;
constexpr base::Duration kSilenceMin = base::seconds(15);

// Until the time is up, or the timer is cancelled.
Task<void> wait_for(asio::steady_timer& timer) {
  boost::system::error_code cancelled;
  co_await timer.async_wait(asio::redirect_error(use_awaitable, cancelled));
}

// A timer that others may cancel, for as long as somebody waits for it.
class Reacher {
 public:
  using Timers = std::list<asio::steady_timer*>;
  Reacher(Timers& timers, asio::steady_timer& timer)
      : timers_{timers}, place_{timers.insert(timers.end(), &timer)} {}
  ~Reacher() { timers_.erase(place_); }
  Reacher(const Reacher&) = delete;
  Reacher& operator=(const Reacher&) = delete;

 private:
  Timers& timers_;
  Timers::iterator place_;
};

}  // namespace

base::Duration silence_max(const ledger::Genesis& genesis) {
  const auto heartbeat = base::milliseconds(genesis.consensus.heartbeat_interval_ms);
  return std::max(heartbeat * kHeartbeatsMissedMax, kSilenceMin);
}

struct Follower::State {
  NodeLink& node;
  BlockVerifier verifier;
  std::optional<ChainPoint> taken;  // by the sink
  Anchored anchored;
  Sink sink;
  bool is_following = false;
  bool is_stopping = false;
  std::string trouble = "It has not been reached yet.";
  std::chrono::milliseconds retry = kRetryFirst;
  asio::steady_timer* pause = nullptr;  // while run() sleeps
  Reacher::Timers reachers = {};        // in reach()

  void fail(std::string why) {
    is_following = false;
    trouble = std::move(why);
  }
  void wake_reachers() {
    for (auto* timer : reachers) timer->cancel();
  }

  static proto::NodeError malformed(std::string why) {
    return {proto::NodeFault::kMalformed, "", std::move(why)};
  }

  // A first point: the node's newest block. Height 0 has no certificate: the genesis proves it.
  Task<Answer<ChainPoint>> first_point() {
    auto head = co_await node.head();
    if (!head) co_return base::Unexpected{head.error()};
    if (head->height.value == 0) {
      const auto point = verifier.genesis_point();
      if (point.block == head->hash) co_return point;
      co_return base::Unexpected{malformed("The node's genesis is another one.")};
    }
    auto block = co_await node.block(proto::BlockQuery{head->height});
    if (!block) co_return base::Unexpected{block.error()};
    auto point = verifier.anchor(*block);
    if (point) co_return *point;
    co_return base::Unexpected{malformed(point.error())};
  }

  Task<bool> anchor() {
    auto point = co_await first_point();
    if (!point) {
      fail(point.error().message);
      co_return true;
    }
    if (!co_await anchored(*point)) co_return false;
    verifier.start_at(*point);
    taken = *point;
    co_return true;
  }

  void succeed() {
    is_following = true;
    trouble.clear();
    retry = kRetryFirst;
  }

  // Whether there is nothing to catch up with; an idle ledger sends its next block in seconds only.
  Task<bool> compare_heads() {
    const auto head = co_await node.head();
    if (!head) {
      fail(head.error().message);
      co_return false;
    }
    if (head->height < taken->height) fail("The node is behind what was followed before.");
    if (head->height != taken->height) co_return true;
    if (head->hash == taken->block) {
      succeed();
    } else {
      fail("The node has another block where it was followed before: is it of this network?");
    }
    co_return true;
  }

  // One subscription, until it breaks. False: the sink can't go on.
  Task<bool> follow() {
    verifier.start_at(*taken);
    if (!co_await compare_heads()) co_return true;
    const auto patience = api::silence_max(verifier.genesis());
    const auto stream = node.subscribe(verifier.next_height());
    while (!is_stopping) {
      auto sent = co_await stream->next(patience);
      if (!sent) {
        fail(sent.error().message);
        co_return true;
      }
      auto blocks = verifier.accept(*sent);
      if (!blocks) {
        fail(blocks.error());
        co_return true;
      }
      if (!blocks->empty() && !co_await sink(*blocks)) co_return false;
      taken = verifier.point();
      succeed();
      wake_reachers();
    }
    co_return true;
  }

  Task<void> sleep() {
    asio::steady_timer timer{co_await asio::this_coro::executor, retry};
    retry = std::min(retry * 2, kRetryLast);
    pause = &timer;
    co_await wait_for(timer);
    pause = nullptr;
  }
};

Follower::Follower(NodeLink& node, BlockVerifier verifier, std::optional<ChainPoint> start,
                   Anchored anchored, Sink sink)
    : state_{std::make_shared<State>(
          State{node, std::move(verifier), start, std::move(anchored), std::move(sink)})} {}
Follower::~Follower() = default;

Task<void> Follower::run() {
  auto& state = *state_;
  while (!state.is_stopping) {
    if (!state.taken && !co_await state.anchor()) break;
    if (state.taken && !co_await state.follow()) break;
    if (!state.is_stopping) co_await state.sleep();
  }
  state.is_following = false;
  state.wake_reachers();
}

void Follower::stop() {
  state_->is_stopping = true;
  if (state_->pause != nullptr) state_->pause->cancel();
  state_->wake_reachers();
}

std::optional<ChainPoint> Follower::point() const { return state_->taken; }
base::Duration Follower::silence_max() const {
  return api::silence_max(state_->verifier.genesis());
}
bool Follower::is_following() const { return state_->is_following; }
const std::string& Follower::trouble() const { return state_->trouble; }

Task<bool> Follower::reach(ledger::Height height, base::Duration patience) {
  const auto kept = state_;  // by the frame, whenever it goes
  auto& state = *kept;
  asio::steady_timer timer{co_await asio::this_coro::executor,
                           std::chrono::microseconds{patience.microseconds}};
  const auto until = timer.expiry();
  const Reacher reacher{state.reachers, timer};
  const auto has_reached = [&] { return state.taken && state.taken->height >= height; };
  while (!has_reached() && !state.is_stopping && asio::steady_timer::clock_type::now() < until) {
    timer.expires_at(until);
    co_await wait_for(timer);
  }
  co_return has_reached();
}

}  // namespace peerpay::api
