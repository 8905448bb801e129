#include "api/webhooks/deliverer.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <exception>
#include <list>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"

namespace peerpay::api {
namespace {

namespace asio = boost::asio;
using http::Task;

// Read from the store at once for one endpoint.
constexpr std::size_t kReadAhead = 64;
// Finished attempts that are not in the store yet; above, no attempt is begun.
constexpr std::size_t kUnwrittenMax = 1024;
// Deliveries are due by the wall clock, which may be set while the timer runs.
constexpr std::chrono::milliseconds kSleepMax{60'000};

// Of an endpoint: what is due, and what is being done.
struct Lane {
  bool is_enabled = true;
  std::deque<Delivery> ready;
  std::set<EventCursor> busy;  // under way, or not written yet
  std::size_t under_way = 0;
  // When the store may have more than `ready`; nothing: not before somebody says so.
  std::optional<base::UnixMillis> read_at = base::UnixMillis{};

  void read_by(base::UnixMillis time) { read_at = read_at ? std::min(*read_at, time) : time; }
};

http::ClientRequest request_for(const WebhookEndpoint& endpoint, http::Url url, const Event& event,
                                const std::string& user_agent, base::UnixMillis now) {
  const auto id = format_id(event.id);
  const auto timestamp_s = now.value / 1000;
  return {
      .method = http::Method::kPost,
      .url = std::move(url),
      .headers = {{"Content-Type", "application/json"},
                  {"User-Agent", user_agent},
                  {"webhook-id", id},
                  {"webhook-timestamp", std::to_string(timestamp_s)},
                  {"webhook-signature",
                   sign_webhook(endpoint.secret, id, timestamp_s, event.payload)}},
      .body = event.payload,
  };
}

struct Batch {
  std::vector<FinishedAttempt> finished;
  Changes changes;  // made of it, on the thread that changes the store
};

// What ended without having been delivered.
std::vector<Delivery> given_up_in(const Batch& batch) {
  std::vector<Delivery> given_up;
  auto finished = batch.finished.begin();
  for (const auto& [before, after] : batch.changes.delivery_steps) {
    // Steps are in the order of the attempts; those of erased endpoints are left out.
    while (finished->delivery != before) ++finished;
    if (!after && finished->attempt.end != AttemptEnd::kAccepted) given_up.push_back(before);
    ++finished;
  }
  return given_up;
}

}  // namespace

class Deliverer::State : public std::enable_shared_from_this<Deliverer::State> {
 public:
  State(asio::io_context& loop, const MerchantStore& store, DelivererSettings settings,
        DelivererPorts ports)
      : loop_{loop},
        store_{store},
        settings_{std::move(settings)},
        ports_{std::move(ports)},
        timer_{loop},
        idle_{loop} {
    PEERPAY_CHECK(settings_.under_way_max >= kEndpointsMax, "each endpoint needs its own slot");
  }

  void wake();
  void abandon();
  Task<void> stop(std::chrono::milliseconds patience);
  [[nodiscard]] const DelivererCounters& counters() const { return counters_; }

 private:
  using Signals = std::list<asio::cancellation_signal>;

  void schedule_pump();
  void pump();
  void follow_endpoints(const std::vector<WebhookEndpoint>& endpoints);
  void serve(const WebhookEndpoint& endpoint, Lane& lane);
  bool read_lane(const EndpointId& id, Lane& lane);
  [[nodiscard]] bool has_slot(const Lane& lane) const;
  void arm_timer();

  void begin(const WebhookEndpoint& endpoint, Lane& lane, Delivery delivery);
  Task<void> attempt(WebhookEndpoint endpoint, Delivery delivery);
  std::optional<Event> read_event(const Delivery& delivery);
  Task<std::optional<Judgement>> try_once(const WebhookEndpoint& endpoint, const Event& event);
  void note(const Delivery& delivery, const Judgement& judgement);

  void write();
  Task<void> write_all();
  void written(const Batch& batch);
  void store_failed(const StoreError& error);
  Task<void> wait_until_idle(std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] bool is_idle() const { return counters_.under_way == 0 && !is_writing_; }

  asio::io_context& loop_;
  const MerchantStore& store_;
  const DelivererSettings settings_;
  const DelivererPorts ports_;
  asio::steady_timer timer_;
  asio::steady_timer idle_;           // cancelled whenever something has ended
  std::map<EndpointId, Lane> lanes_;  // of enabled endpoints, and of others while they are busy
  Signals under_way_;
  std::vector<FinishedAttempt> finished_;  // not written yet
  DelivererCounters counters_;
  bool is_pump_scheduled_ = false;
  bool is_writing_ = false;
  bool is_stopped_ = false;  // no new attempts
};

// ---- What is due ----

void Deliverer::State::wake() {
  for (auto& [id, lane] : lanes_) lane.read_by({});
  schedule_pump();
}

void Deliverer::State::schedule_pump() {
  if (std::exchange(is_pump_scheduled_, true)) return;
  asio::post(loop_, [self = shared_from_this()] {
    self->is_pump_scheduled_ = false;
    self->pump();
  });
}

void Deliverer::State::pump() {
  const auto endpoints = store_.endpoints();
  follow_endpoints(endpoints);
  for (const auto& endpoint : endpoints) {
    if (is_stopped_) return;  // perhaps just now: the store failed
    const auto lane = lanes_.find(endpoint.id);
    if (lane != lanes_.end() && lane->second.is_enabled) serve(endpoint, lane->second);
  }
  if (!is_stopped_) arm_timer();
}

void Deliverer::State::follow_endpoints(const std::vector<WebhookEndpoint>& endpoints) {
  for (auto& [id, lane] : lanes_) {
    const auto endpoint = std::ranges::find(endpoints, id, &WebhookEndpoint::id);
    const bool is_there = endpoint != endpoints.end();
    const bool was_enabled =
        std::exchange(lane.is_enabled, is_there && endpoint->status == EndpointStatus::kEnabled);
    if (is_there && was_enabled && !lane.is_enabled) {
      ports_.notice({DelivererNotice::Kind::kEndpointDisabled, id, {}, endpoint->status_reason});
    }
  }
  std::erase_if(lanes_, [](const auto& entry) {
    return !entry.second.is_enabled && entry.second.busy.empty();
  });
  for (const auto& endpoint : endpoints) {
    if (endpoint.status == EndpointStatus::kEnabled) lanes_.try_emplace(endpoint.id);
  }
}

void Deliverer::State::serve(const WebhookEndpoint& endpoint, Lane& lane) {
  while (has_slot(lane)) {
    if (lane.ready.empty() && !read_lane(endpoint.id, lane)) return;
    auto delivery = std::move(lane.ready.front());
    lane.ready.pop_front();
    begin(endpoint, lane, std::move(delivery));
  }
}

// An attempt beyond the first must leave a slot for every endpoint that has none under way.
bool Deliverer::State::has_slot(const Lane& lane) const {
  if (finished_.size() >= kUnwrittenMax) return false;
  const auto free = settings_.under_way_max - counters_.under_way;
  if (lane.under_way == 0) return free > 0;
  const auto quiet = static_cast<std::size_t>(
      std::ranges::count_if(lanes_, [](const auto& entry) { return entry.second.under_way == 0; }));
  return free > quiet && lane.under_way < settings_.under_way_per_endpoint_max;
}

// False when nothing is due.
bool Deliverer::State::read_lane(const EndpointId& id, Lane& lane) {
  const auto now = ports_.now();
  if (!lane.read_at || *lane.read_at > now) return false;
  const auto limit = lane.busy.size() + kReadAhead;
  const auto rows = store_.deliveries_to(id, limit);
  if (!rows) {
    store_failed(rows.error());
    return false;
  }
  lane.read_at.reset();
  if (rows->size() == limit) lane.read_at = rows->back().due;  // there may be more
  for (const auto& row : *rows) {
    if (lane.busy.contains(row.event)) continue;
    if (row.due <= now) {
      lane.ready.push_back(row);
    } else {
      lane.read_at = row.due;
      break;
    }
  }
  return !lane.ready.empty();
}

void Deliverer::State::arm_timer() {
  std::optional<base::UnixMillis> next;
  for (const auto& [id, lane] : lanes_) {
    // What waits for a slot is served when one becomes free.
    if (lane.is_enabled && lane.read_at && lane.ready.empty() && has_slot(lane)) {
      next = next ? std::min(*next, *lane.read_at) : *lane.read_at;
    }
  }
  timer_.cancel();
  if (!next) return;
  const auto now = ports_.now();
  const auto wait_ms = next->value > now.value ? next->value - now.value : 0;
  timer_.expires_after(std::min<std::chrono::milliseconds>(
      std::chrono::milliseconds{std::min<std::uint64_t>(wait_ms, kSleepMax.count())}, kSleepMax));
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->schedule_pump();
  });
}

// ---- Attempts ----

void Deliverer::State::begin(const WebhookEndpoint& endpoint, Lane& lane, Delivery delivery) {
  lane.busy.insert(delivery.event);
  ++lane.under_way;
  ++counters_.under_way;
  const auto signal = under_way_.emplace(under_way_.end());
  asio::co_spawn(
      loop_, attempt(endpoint, std::move(delivery)),
      asio::bind_cancellation_slot(
          signal->slot(), [self = shared_from_this(), signal](const std::exception_ptr& exception) {
            self->under_way_.erase(signal);
            http::rethrow(exception);
          }));
}

Task<void> Deliverer::State::attempt(WebhookEndpoint endpoint, Delivery delivery) {
  const auto self = shared_from_this();
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto event = read_event(delivery);
  if (event) {
    const auto judgement = co_await try_once(endpoint, *event);
    if (judgement) note(delivery, *judgement);
  }
  --counters_.under_way;
  --lanes_.at(delivery.endpoint).under_way;  // there while it is busy
  idle_.cancel();
  schedule_pump();
}

std::optional<Event> Deliverer::State::read_event(const Delivery& delivery) {
  auto event = store_.event(delivery.event);
  if (!event) {
    store_failed(event.error());
    return std::nullopt;
  }
  if (!*event) store_failed({"An event that must be delivered is not in the store."});
  return std::move(*event);
}

// Nothing when it was cancelled: nobody knows what came of it.
Task<std::optional<Judgement>> Deliverer::State::try_once(const WebhookEndpoint& endpoint,
                                                          const Event& event) {
  auto url = http::parse_url(endpoint.url);
  if (!url || refusal_of_url(*url, settings_.reach)) {
    co_return Judgement{AttemptResult::kForbiddenAddress, {}};
  }
  auto request = request_for(endpoint, std::move(*url), event, settings_.user_agent, ports_.now());
  http::ClientLimits limits;
  limits.reach = settings_.reach;
  limits.deadline = settings_.attempt_deadline;
  limits.ca_file = settings_.ca_file;
  const auto answer = co_await ports_.fetch(std::move(request), std::move(limits));
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  if (!answer && cancellation.cancelled() != asio::cancellation_type::none) {
    co_return std::nullopt;
  }
  co_return judge(answer, ports_.now());
}

void Deliverer::State::note(const Delivery& delivery, const Judgement& judgement) {
  ++counters_.attempts[static_cast<std::size_t>(judgement.result)];
  finished_.push_back(finish(delivery, judgement, ports_.now(), ports_.random()));
  write();
}

// ---- Changes ----

void Deliverer::State::write() {
  if (std::exchange(is_writing_, true)) return;
  asio::co_spawn(loop_, write_all(), http::rethrow);
}

// One batch at a time; what finishes meanwhile is the next one.
Task<void> Deliverer::State::write_all() {
  const auto self = shared_from_this();
  while (!finished_.empty()) {
    const auto batch = std::make_shared<Batch>();
    batch->finished = std::exchange(finished_, {});
    ChangeMaker maker = [batch](const MerchantStore& store) {
      batch->changes = changes_of(batch->finished, store.endpoints());
      return batch->changes;
    };
    const auto result = co_await ports_.change(std::move(maker));
    if (!result) {
      store_failed(result.error());
      finished_.clear();
      break;
    }
    ++counters_.batches;
    written(*batch);
  }
  is_writing_ = false;
  idle_.cancel();
}

void Deliverer::State::written(const Batch& batch) {
  for (const auto& [delivery, attempt] : batch.finished) {
    lanes_.at(delivery.endpoint).busy.erase(delivery.event);  // there while it is busy
  }
  for (const auto& [before, after] : batch.changes.delivery_steps) {
    if (after) lanes_.at(before.endpoint).read_by(after->due);
  }
  for (const auto& given_up : given_up_in(batch)) {
    ++counters_.given_up;
    ports_.notice({DelivererNotice::Kind::kGivenUp, given_up.endpoint, given_up.event, {}});
  }
  schedule_pump();
}

// The store can't be trusted to forget what was delivered: better no attempt than endless ones.
void Deliverer::State::store_failed(const StoreError& error) {
  if (std::exchange(is_stopped_, true)) return;
  timer_.cancel();
  ports_.notice({DelivererNotice::Kind::kStoreFailed, {}, {}, error.message});
}

// ---- The end ----

void Deliverer::State::abandon() {
  is_stopped_ = true;
  timer_.cancel();
  for (auto& signal : under_way_) signal.emit(asio::cancellation_type::terminal);
}

Task<void> Deliverer::State::wait_until_idle(std::chrono::steady_clock::time_point deadline) {
  while (!is_idle() && std::chrono::steady_clock::now() < deadline) {
    boost::system::error_code ignored;
    idle_.expires_at(deadline);
    co_await idle_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

Task<void> Deliverer::State::stop(std::chrono::milliseconds patience) {
  const auto self = shared_from_this();
  is_stopped_ = true;
  timer_.cancel();
  co_await wait_until_idle(std::chrono::steady_clock::now() + patience);
  abandon();
  co_await wait_until_idle(std::chrono::steady_clock::time_point::max());
}

Deliverer::Deliverer(asio::io_context& loop, const MerchantStore& store, DelivererSettings settings,
                     DelivererPorts ports)
    : state_{std::make_shared<State>(loop, store, std::move(settings), std::move(ports))} {}

Deliverer::~Deliverer() { state_->abandon(); }

void Deliverer::wake() { state_->wake(); }

const DelivererCounters& Deliverer::counters() const { return state_->counters(); }

Task<void> Deliverer::stop(std::chrono::milliseconds patience) { return state_->stop(patience); }

}  // namespace peerpay::api
