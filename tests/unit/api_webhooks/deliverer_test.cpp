#include "api/webhooks/deliverer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <mutex>
#include <string>

#include "tests/support/http/practice_server.h"
#include "tests/unit/api_webhooks/practice_store.h"

namespace peerpay::api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using http::Task;
using Answer = base::Expected<http::ClientAnswer, http::ClientError>;
using Kind = DelivererNotice::Kind;

constexpr base::UnixMillis kStart{1'700'000'000'000};

Answer status(unsigned code, std::vector<http::Header> headers = {}) {
  http::ClientAnswer answer;
  answer.status = code;
  answer.headers = std::move(headers);
  return answer;
}

std::string header_of(const std::vector<http::Header>& headers, std::string_view name) {
  const auto found = std::ranges::find(headers, name, &http::Header::name);
  return found == headers.end() ? "" : found->value;
}

// A deliverer with its store, a clock that stands still, and endpoints that answer by their host.
class DelivererTest : public testing::Test {
 protected:
  void start(DelivererSettings settings = {.reach = http::Reach::kPublicAndLoopback,
                                           .user_agent = "peerpay-gateway/test"}) {
    deliverer_.emplace(loop_, store_, std::move(settings),
                       DelivererPorts{
                           .now = [this] { return now_; },
                           .random = [] { return std::uint64_t{0}; },
                           .fetch = fetch_,
                           .change = [this](ChangeMaker maker) { return change(std::move(maker)); },
                           .notice = [this](const auto& notice) { notices_.push_back(notice); },
                       });
    deliverer_->wake();
  }

  Task<StoreResult<void>> change(ChangeMaker maker) {
    co_await asio::post(loop_, asio::use_awaitable);
    ++changes_;
    co_return store_.apply(maker(store_), Sync::kUnsynced);
  }

  // Answers as `answers_` has it for the host; 204 otherwise; waits for ever when that is nothing.
  Task<Answer> answer_by_host(http::ClientRequest request, http::ClientLimits /*limits*/) {
    requests_.push_back(request);
    const auto found = answers_.find(request.url.host);
    const std::optional<Answer> answer = found == answers_.end() ? status(204) : found->second;
    asio::steady_timer timer{loop_, answer ? asio::steady_timer::time_point::min()
                                           : asio::steady_timer::time_point::max()};
    boost::system::error_code error;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (answer) co_return *answer;
    co_return base::Unexpected{http::ClientError{http::ClientFault::kTimeout, "Cancelled."}};
  }

  bool run_until(const std::function<bool()>& done, std::chrono::milliseconds patience = 5s) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      loop_.restart();
      loop_.run_one_for(10ms);
    }
    return done();
  }
  // Runs what can run now; timers that have to wait stay.
  void settle() {
    for (int i = 0; i < 10; ++i) {
      loop_.restart();
      loop_.poll();
    }
  }
  void advance(base::Duration by) {
    now_.value += static_cast<std::uint64_t>(by.milliseconds());
    deliverer_->wake();
    settle();
  }
  void stop(std::chrono::milliseconds patience) {
    bool is_done = false;
    asio::co_spawn(loop_, deliverer_->stop(patience),
                   [&](const std::exception_ptr&) { is_done = true; });
    EXPECT_TRUE(run_until([&] { return is_done; }));
  }
  [[nodiscard]] std::uint64_t attempts(AttemptResult result) const {
    return deliverer_->counters().attempts[static_cast<std::size_t>(result)];
  }
  [[nodiscard]] std::size_t requests_to(std::string_view host) const {
    return static_cast<std::size_t>(
        std::ranges::count(requests_, host, [](const auto& r) { return r.url.host; }));
  }

  asio::io_context loop_{1};
  PracticeStore store_;
  base::UnixMillis now_ = kStart;
  std::map<std::string, std::optional<Answer>> answers_;
  http::Fetch fetch_ = [this](http::ClientRequest request, http::ClientLimits limits) {
    return answer_by_host(std::move(request), std::move(limits));
  };
  std::vector<http::ClientRequest> requests_;
  std::vector<DelivererNotice> notices_;
  std::size_t changes_ = 0;
  std::optional<Deliverer> deliverer_;
};

TEST_F(DelivererTest, SendsTheStoredPayloadSigned) {
  const auto shop = store_.add_endpoint("https://shop.example/hook");
  store_.add_event({shop}, kStart);
  start();
  ASSERT_TRUE(run_until([&] { return store_.all_deliveries().empty(); }));
  ASSERT_EQ(requests_.size(), 1U);
  const auto& request = requests_[0];
  EXPECT_EQ(request.method, http::Method::kPost);
  EXPECT_EQ(request.url.origin() + request.url.target, "https://shop.example/hook");
  EXPECT_EQ(request.body, R"({"number":0})");
  EXPECT_EQ(header_of(request.headers, "Content-Type"), "application/json");
  EXPECT_EQ(header_of(request.headers, "User-Agent"), "peerpay-gateway/test");
  const auto id = format_id(EventId{});
  EXPECT_EQ(header_of(request.headers, "webhook-id"), id);
  EXPECT_EQ(header_of(request.headers, "webhook-timestamp"), "1700000000");
  EXPECT_EQ(header_of(request.headers, "webhook-signature"),
            sign_webhook(store_.endpoint(shop).secret, id, 1'700'000'000, request.body));
  EXPECT_EQ(attempts(AttemptResult::kDelivered), 1U);
  EXPECT_EQ(deliverer_->counters().under_way, 0U);
}

TEST_F(DelivererTest, TriesAgainWithTheSameIdAndANewTimestamp) {
  const auto shop = store_.add_endpoint("https://shop.example/hook");
  store_.add_event({shop}, kStart);
  answers_["shop.example"] = status(500);
  start();
  ASSERT_TRUE(run_until([&] { return changes_ == 1; }));
  EXPECT_EQ(store_.endpoint(shop).failing_since, kStart);
  advance(base::milliseconds(4999));
  EXPECT_EQ(requests_.size(), 1U) << "not before it is due";
  answers_["shop.example"] = status(200);
  advance(base::milliseconds(1));
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_EQ(header_of(requests_[0].headers, "webhook-id"),
            header_of(requests_[1].headers, "webhook-id"));
  EXPECT_EQ(header_of(requests_[1].headers, "webhook-timestamp"), "1700000005");
  EXPECT_NE(header_of(requests_[0].headers, "webhook-signature"),
            header_of(requests_[1].headers, "webhook-signature"));
  EXPECT_TRUE(store_.all_deliveries().empty());
  EXPECT_EQ(store_.endpoint(shop).failing_since, std::nullopt);
}

TEST_F(DelivererTest, WakesByItselfWhenADeliveryIsDue) {
  const auto shop = store_.add_endpoint("https://shop.example/hook");
  store_.add_event({shop}, {kStart.value + 50});
  start();
  settle();
  EXPECT_TRUE(requests_.empty());
  now_.value += 50;
  EXPECT_TRUE(run_until([&] { return requests_.size() == 1; })) << "nobody called wake";
}

TEST_F(DelivererTest, HonoursRetryAfter) {
  const auto shop = store_.add_endpoint("https://shop.example/hook");
  store_.add_event({shop}, kStart);
  answers_["shop.example"] = status(503, {{"Retry-After", "3600"}});
  start();
  ASSERT_TRUE(run_until([&] { return changes_ == 1; }));
  EXPECT_EQ(store_.all_deliveries()[0].due.value, kStart.value + 3'600'000);
}

TEST_F(DelivererTest, AnEndpointThatIsGoneGetsNothingMore) {
  const auto shop = store_.add_endpoint("https://shop.example/hook");
  store_.add_event({shop}, kStart);
  answers_["shop.example"] = status(410);
  start();
  ASSERT_TRUE(run_until([&] { return notices_.size() == 2; }));
  EXPECT_EQ(notices_[0].kind, Kind::kGivenUp);
  EXPECT_EQ(notices_[1].kind, Kind::kEndpointDisabled);
  EXPECT_EQ(notices_[1].endpoint, shop);
  EXPECT_EQ(notices_[1].reason, "gone");
  EXPECT_EQ(store_.endpoint(shop).status, EndpointStatus::kDisabled);
  EXPECT_TRUE(store_.all_deliveries().empty());
  store_.add_event({shop}, now_);
  advance(base::seconds(86'400));
  EXPECT_EQ(requests_.size(), 1U);
  EXPECT_EQ(store_.all_deliveries().size(), 1U) << "kept until the endpoint is erased";
  EXPECT_EQ(notices_.size(), 2U);
}

TEST_F(DelivererTest, AnEndpointThatFailsForDaysIsDisabledAndSaid) {
  const auto shop = store_.add_endpoint("https://shop.example/hook");
  store_.add_event({shop}, kStart);
  answers_["shop.example"] = base::Unexpected{http::ClientError{http::ClientFault::kTls, "No."}};
  start();
  settle();
  for (int hour = 0; hour < 90; ++hour) advance(base::seconds(3600));
  EXPECT_EQ(store_.endpoint(shop).status_reason, "failing");
  ASSERT_EQ(notices_.size(), 2U);
  EXPECT_EQ(notices_[0].kind, Kind::kGivenUp) << "after the last attempt";
  EXPECT_EQ(notices_[1].kind, Kind::kEndpointDisabled);
  EXPECT_EQ(attempts(AttemptResult::kTls), 10U);
  EXPECT_EQ(deliverer_->counters().given_up, 1U);
  EXPECT_TRUE(store_.all_deliveries().empty());
}

TEST_F(DelivererTest, AnUnfitUrlIsNotCalled) {
  const auto shop = store_.add_endpoint("http://shop.example/hook");
  store_.add_event({shop}, kStart);
  start();
  ASSERT_TRUE(run_until([&] { return changes_ == 1; }));
  EXPECT_TRUE(requests_.empty());
  EXPECT_EQ(attempts(AttemptResult::kForbiddenAddress), 1U);
}

TEST_F(DelivererTest, ADeliveryToAnErasedEndpointLeavesNoTrace) {
  const auto shop = store_.add_endpoint("https://shop.example/hook");
  const auto other = store_.add_endpoint("https://other.example/hook");
  store_.add_event({shop, other}, kStart);
  answers_["shop.example"] = status(500);
  start();
  // Erased while the answer is on its way.
  ASSERT_TRUE(run_until([&] { return requests_.size() == 2; }));
  Changes erasing;
  erasing.endpoints_erased = {shop};
  ASSERT_TRUE(store_.apply(erasing, Sync::kSynced));
  ASSERT_TRUE(run_until([&] { return store_.all_deliveries().empty(); }));
  settle();
  EXPECT_EQ(store_.endpoints().size(), 1U);
  EXPECT_EQ(deliverer_->counters().under_way, 0U);
  EXPECT_TRUE(notices_.empty());
}

TEST_F(DelivererTest, OneEndpointHasSixteenUnderWay) {
  const auto slow = store_.add_endpoint("https://slow.example/hook");
  for (int i = 0; i < 100; ++i) store_.add_event({slow}, kStart);
  answers_["slow.example"] = std::nullopt;
  start();
  settle();
  EXPECT_EQ(deliverer_->counters().under_way, 16U);
}

TEST_F(DelivererTest, SlowEndpointsDoNotDelayOthers) {
  std::vector<EndpointId> slow;
  slow.reserve(10);
  for (int i = 0; i < 10; ++i) slow.push_back(store_.add_endpoint("https://slow.example/hook"));
  const auto quick = store_.add_endpoint("https://quick.example/hook");
  for (int i = 0; i < 100; ++i) store_.add_event(slow, kStart);
  answers_["slow.example"] = std::nullopt;
  start();
  settle();
  EXPECT_EQ(deliverer_->counters().under_way, 63U) << "one is kept for the endpoint that is quiet";
  for (int i = 0; i < 200; ++i) store_.add_event({quick}, kStart);
  deliverer_->wake();
  EXPECT_TRUE(run_until([&] { return attempts(AttemptResult::kDelivered) == 200; }));
  EXPECT_EQ(requests_to("slow.example"), 63U);
}

TEST_F(DelivererTest, EveryEndpointOfManyHasItsTurn) {
  std::vector<EndpointId> all;
  for (std::size_t i = 0; i < kEndpointsMax; ++i) {
    all.push_back(store_.add_endpoint("https://slow" + std::to_string(i) + ".example/hook"));
    answers_["slow" + std::to_string(i) + ".example"] = std::nullopt;
  }
  for (int i = 0; i < 5; ++i) store_.add_event(all, kStart);
  start();
  settle();
  EXPECT_EQ(deliverer_->counters().under_way, 64U);
  for (const auto& [host, answer] : answers_) EXPECT_EQ(requests_to(host), 1U) << host;
}

TEST_F(DelivererTest, FinishedAttemptsAreWrittenTogether) {
  const auto shop = store_.add_endpoint("https://shop.example/hook");
  for (int i = 0; i < 500; ++i) store_.add_event({shop}, kStart);
  start();
  ASSERT_TRUE(run_until([&] { return store_.all_deliveries().empty(); }));
  EXPECT_EQ(requests_.size(), 500U) << "each once";
  EXPECT_LT(changes_, 250U);
  EXPECT_EQ(deliverer_->counters().batches, changes_);
}

TEST_F(DelivererTest, StopWaitsForWhatIsUnderWay) {
  const auto shop = store_.add_endpoint("https://shop.example/hook");
  for (int i = 0; i < 17; ++i) store_.add_event({shop}, kStart);
  start();
  ASSERT_TRUE(run_until([&] { return requests_.size() == 16; }));
  stop(5s);
  EXPECT_EQ(deliverer_->counters().under_way, 0U);
  EXPECT_EQ(attempts(AttemptResult::kDelivered), 16U);
  EXPECT_EQ(store_.all_deliveries().size(), 1U) << "written, and no new attempt begun";
}

TEST_F(DelivererTest, StopCancelsWhatTakesTooLong) {
  const auto slow = store_.add_endpoint("https://slow.example/hook");
  for (int i = 0; i < 20; ++i) store_.add_event({slow}, kStart);
  const auto before = store_.all_deliveries();
  answers_["slow.example"] = std::nullopt;
  start();
  settle();
  stop(20ms);
  EXPECT_EQ(deliverer_->counters().under_way, 0U);
  EXPECT_EQ(store_.all_deliveries(), before) << "as due as before";
  EXPECT_EQ(changes_, 0U);
  EXPECT_EQ(store_.endpoint(slow).failing_since, std::nullopt) << "it was us, not the endpoint";
}

TEST_F(DelivererTest, ABrokenStoreEndsAllAttempts) {
  const auto shop = store_.add_endpoint("https://shop.example/hook");
  for (int i = 0; i < 100; ++i) store_.add_event({shop}, kStart);
  start();
  ASSERT_TRUE(run_until([&] { return requests_.size() == 16; }));
  store_.fail_changes("The disk is on fire.");
  ASSERT_TRUE(run_until([&] { return !notices_.empty(); }));
  advance(base::seconds(3600));
  EXPECT_EQ(notices_.size(), 1U);
  EXPECT_EQ(notices_[0].kind, Kind::kStoreFailed);
  EXPECT_EQ(notices_[0].reason, "The disk is on fire.");
  EXPECT_LE(requests_.size(), 64U);
  EXPECT_EQ(store_.all_deliveries().size(), 100U);
}

// A restart before the end of an attempt was written: the same event, the same id.
TEST_F(DelivererTest, WhatWasNotWrittenIsSentAgain) {
  const auto shop = store_.add_endpoint("https://shop.example/hook");
  store_.add_event({shop}, kStart);
  answers_["shop.example"] = std::nullopt;
  start();
  settle();
  deliverer_.reset();
  settle();
  answers_["shop.example"] = status(200);
  start();
  ASSERT_TRUE(run_until([&] { return store_.all_deliveries().empty(); }));
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_EQ(header_of(requests_[0].headers, "webhook-id"),
            header_of(requests_[1].headers, "webhook-id"));
}

TEST_F(DelivererTest, DeliversThousandsOverRealConnections) {
  constexpr std::size_t kCount = 2'000;
  std::mutex mutex;
  std::map<std::string, int> seen;
  const peerpay::test::PracticeServer server{
      [&](peerpay::test::PracticeServer::Connection& connection) {
        const auto request = connection.read_request();
        const auto id = request.find("webhook-id: ");
        if (id == std::string::npos) return;
        {
          const std::lock_guard lock{mutex};
          ++seen[request.substr(id, request.find('\r', id) - id)];
        }
        connection.send("HTTP/1.1 204 No Content\r\n\r\n");  // last: the test may end with it
      },
      {}};
  fetch_ = http::fetch;
  const auto shop =
      store_.add_endpoint("http://127.0.0.1:" + std::to_string(server.port()) + "/hook");
  for (std::size_t i = 0; i < kCount; ++i) store_.add_event({shop}, kStart);
  start();
  ASSERT_TRUE(run_until([&] { return attempts(AttemptResult::kDelivered) == kCount; }, 60s));
  stop(5s);
  EXPECT_TRUE(store_.all_deliveries().empty());
  const std::lock_guard lock{mutex};
  EXPECT_EQ(seen.size(), kCount);
  EXPECT_TRUE(std::ranges::all_of(seen, [](const auto& entry) { return entry.second == 1; }));
}

}  // namespace
}  // namespace peerpay::api
