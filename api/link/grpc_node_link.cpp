#include "api/link/grpc_node_link.h"

#include <grpcpp/grpcpp.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "peerpay/v1/node.grpc.pb.h"
#include "proto/channel/channel.h"
#include "proto/client/convert.h"

namespace peerpay::api {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;

constexpr std::chrono::seconds kCallTimeout{10};
// Submissions that come while this many batches are under way share the next one.
constexpr std::size_t kBatchesUnderWayMax = 2;
constexpr std::size_t kBatchBytesMax = std::size_t{512} << 10;  // nodes take messages of 1 MiB

// Waits for `start`, which is given a function to call once, from any thread, with the result.
template <class Result, class Start>
Task<Result> await_callback(asio::io_context& loop, Start start) {
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(Result)>(
      [&loop](auto handler, Start begin) {
        const auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        begin([&loop, shared, work = asio::make_work_guard(loop)](Result result) {
          asio::post(loop, [shared, result = std::move(result)]() mutable {
            std::move (*shared)(std::move(result));
          });
        });
      },
      use_awaitable, std::move(start));
}

// The calls under way, so that they can be ended. On the loop.
class CallRegistry {
 public:
  class Entry {
   public:
    Entry(CallRegistry& registry, grpc::ClientContext& context)
        : registry_{registry}, context_{context} {
      registry_.contexts_.insert(&context_);
      if (registry_.is_stopping_) context_.TryCancel();
    }
    ~Entry() {
      registry_.contexts_.erase(&context_);
      if (registry_.contexts_.empty()) registry_.none_left_.cancel();
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    CallRegistry& registry_;
    grpc::ClientContext& context_;
  };

  explicit CallRegistry(asio::io_context& loop) : none_left_{loop} {}

  Task<void> stop() {
    is_stopping_ = true;
    for (auto* context : contexts_) context->TryCancel();
    none_left_.expires_at(asio::steady_timer::time_point::max());
    boost::system::error_code ignored;
    while (!contexts_.empty()) {
      co_await none_left_.async_wait(asio::redirect_error(use_awaitable, ignored));
    }
  }

 private:
  std::unordered_set<grpc::ClientContext*> contexts_;
  asio::steady_timer none_left_;
  bool is_stopping_ = false;
};

// A server stream, one read ahead. gRPC's threads only post to the loop; everything else happens
// there. gRPC may not forget the call while a read can still be started, so a hold is kept on it
// until the last one has ended.
class SubscribeCall final : public grpc::ClientReadReactor<v1::SubscribeResponse>,
                            public std::enable_shared_from_this<SubscribeCall> {
 public:
  SubscribeCall(asio::io_context& loop, CallRegistry& registry)
      : loop_{loop}, work_{asio::make_work_guard(loop)}, news_{loop}, entry_{registry, context_} {}

  void start(v1::Node::Stub& stub, ledger::Height from) {
    self_ = shared_from_this();
    request_.set_from_height(from.value);
    stub.async()->Subscribe(&context_, &request_, this);
    AddHold();
    start_read();
    StartCall();
  }

  Task<Answer<proto::FinalizedBlock>> next(std::string_view node, base::Duration patience) {
    const auto until =
        asio::steady_timer::clock_type::now() + std::chrono::microseconds{patience.microseconds};
    while (!is_ready_ && !end_) {
      if (asio::steady_timer::clock_type::now() >= until) co_return base::Unexpected{silence(node)};
      news_.expires_at(until);
      boost::system::error_code woken;
      co_await news_.async_wait(asio::redirect_error(use_awaitable, woken));
    }
    if (!is_ready_) co_return base::Unexpected{error_of_end(node)};
    is_ready_ = false;
    auto block = proto::from_pb(response_.block());
    start_read();
    if (!block) co_return base::Unexpected{proto::malformed_answer(node, block.error())};
    co_return *std::move(block);
  }

  void abandon() {
    is_abandoned_ = true;
    context_.TryCancel();
    if (!is_reading_) release();
  }

  void OnReadDone(bool ok) override {
    asio::post(loop_, [self = shared_from_this(), ok] { self->read_done(ok); });
  }
  void OnDone(const grpc::Status& status) override {
    asio::post(loop_, [self = shared_from_this(), status] { self->done(status); });
  }

 private:
  void start_read() {
    is_reading_ = true;
    StartRead(&response_);
  }
  void read_done(bool ok) {
    is_reading_ = false;
    is_ready_ = ok;
    if (!ok || is_abandoned_) return release();
    news_.cancel();
  }
  void release() {
    if (!std::exchange(is_released_, true)) RemoveHold();
  }
  void done(const grpc::Status& status) {
    end_ = status;
    news_.cancel();
    self_.reset();
  }
  static proto::NodeError silence(std::string_view node) {
    return {proto::NodeFault::kTimeout, "node_timeout",
            "Node " + std::string{node} + " has gone silent."};
  }
  proto::NodeError error_of_end(std::string_view node) const {
    if (!end_->ok()) return proto::error_of(*end_, node);
    return proto::error_of({grpc::StatusCode::UNAVAILABLE, ""}, node);  // nodes never end it well
  }

  asio::io_context& loop_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer news_;
  grpc::ClientContext context_;
  CallRegistry::Entry entry_;
  v1::SubscribeRequest request_;
  v1::SubscribeResponse response_;
  std::optional<grpc::Status> end_;
  bool is_reading_ = false;
  bool is_ready_ = false;
  bool is_abandoned_ = false;
  bool is_released_ = false;
  std::shared_ptr<SubscribeCall> self_;  // until gRPC is done with it
};

class GrpcBlockStream final : public BlockStream {
 public:
  GrpcBlockStream(std::shared_ptr<SubscribeCall> call, std::string node)
      : call_{std::move(call)}, node_{std::move(node)} {}
  ~GrpcBlockStream() override { call_->abandon(); }
  GrpcBlockStream(const GrpcBlockStream&) = delete;
  GrpcBlockStream& operator=(const GrpcBlockStream&) = delete;
  Task<Answer<proto::FinalizedBlock>> next(base::Duration patience) override {
    return call_->next(node_, patience);
  }

 private:
  std::shared_ptr<SubscribeCall> call_;
  std::string node_;
};

class GrpcNodeLink final : public NodeLink {
 public:
  GrpcNodeLink(asio::io_context& loop, std::string node, std::shared_ptr<grpc::Channel> channel)
      : loop_{loop},
        node_{std::move(node)},
        channel_{std::move(channel)},
        stub_{v1::Node::NewStub(channel_)},
        registry_{loop} {}

  Task<Answer<proto::GenesisFile>> genesis() override {
    return ask<v1::GetGenesisResponse, proto::GenesisFile>(&Async::GetGenesis,
                                                           v1::GetGenesisRequest{});
  }
  Task<Answer<proto::Head>> head() override {
    return ask<v1::GetHeadResponse, proto::Head>(&Async::GetHead, v1::GetHeadRequest{});
  }
  Task<Answer<proto::FinalizedBlock>> block(proto::BlockQuery query) override {
    auto response =
        co_await call<v1::GetBlockResponse>(&Async::GetBlock, encoded<v1::GetBlockRequest>(query));
    if (!response) co_return base::Unexpected{response.error()};
    co_return converted(proto::from_pb(response->block()));
  }
  Task<Answer<proto::AccountSnapshot>> account(ledger::AccountId account) override {
    const proto::AccountQuery query{.account = account, .with_proof = false};
    return ask<v1::GetAccountResponse, proto::AccountSnapshot>(
        &Async::GetAccount, encoded<v1::GetAccountRequest>(query));
  }
  Task<Answer<proto::HistoryPage>> history(proto::HistoryQuery query) override {
    return ask<v1::ListHistoryResponse, proto::HistoryPage>(&Async::ListHistory,
                                                            encoded<v1::ListHistoryRequest>(query));
  }
  Task<Answer<proto::TransactionStatus>> transaction(proto::TransactionQuery query) override {
    auto response = co_await call<v1::GetTransactionResponse>(
        &Async::GetTransaction, encoded<v1::GetTransactionRequest>(query));
    if (!response) co_return base::Unexpected{response.error()};
    co_return converted(proto::from_pb(response->status()));
  }
  Task<Answer<base::Bytes>> receipt(ledger::TransactionId id) override {
    return ask<v1::GetReceiptResponse, base::Bytes>(&Async::GetReceipt,
                                                    encoded<v1::GetReceiptRequest>(id));
  }

  Task<Answer<proto::TransactionStatus>> submit(base::Bytes transaction) override {
    const auto waiting = std::make_shared<Submission>(loop_, std::move(transaction));
    waiting_.push_back(waiting);
    start_batches();
    while (!waiting->answer) {
      boost::system::error_code woken;
      co_await waiting->answered.async_wait(asio::redirect_error(use_awaitable, woken));
    }
    co_return *std::move(waiting->answer);
  }

  std::unique_ptr<BlockStream> subscribe(ledger::Height from) override {
    auto subscription = std::make_shared<SubscribeCall>(loop_, registry_);
    subscription->start(*stub_, from);
    return std::make_unique<GrpcBlockStream>(std::move(subscription), node_);
  }

  // The follower keeps a working connection busy; an idle one has broken, and is made anew by this.
  bool is_connected() const override { return channel_->GetState(true) == GRPC_CHANNEL_READY; }
  Task<void> stop() override { return registry_.stop(); }

 private:
  using Async = v1::Node::StubInterface::async_interface;
  template <class Request, class Response>
  using Method = void (Async::*)(grpc::ClientContext*, const Request*, Response*,
                                 std::function<void(grpc::Status)>);

  struct Submission {
    Submission(asio::io_context& loop, base::Bytes bytes)
        : transaction{std::move(bytes)}, answered{loop} {
      answered.expires_at(asio::steady_timer::time_point::max());
    }
    base::Bytes transaction;
    asio::steady_timer answered;
    std::optional<Answer<proto::TransactionStatus>> answer;
  };
  using Batch = std::vector<std::shared_ptr<Submission>>;

  template <class Message, class Value>
  static Message encoded(const Value& value) {
    Message out;
    proto::to_pb(value, out);
    return out;
  }
  template <class Value>
  Answer<Value> converted(proto::Converted<Value> value) const {
    if (value) return *std::move(value);
    return base::Unexpected{proto::malformed_answer(node_, value.error())};
  }

  template <class Response, class Request>
  Task<Answer<Response>> call(Method<Request, Response> method, Request request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
    const CallRegistry::Entry entry{registry_, context};
    Response response;
    const auto status = co_await await_callback<grpc::Status>(loop_, [&](auto done) {
      (stub_->async()->*method)(&context, &request, &response, std::move(done));
    });
    if (!status.ok()) co_return base::Unexpected{proto::error_of(status, node_)};
    co_return std::move(response);
  }
  template <class Response, class Value, class Request>
  Task<Answer<Value>> ask(Method<Request, Response> method, Request request) {
    auto response = co_await call<Response>(method, std::move(request));
    if (!response) co_return base::Unexpected{response.error()};
    co_return converted(proto::from_pb(*response));
  }

  void start_batches() {
    // Behind whatever the loop has ready: more submissions for the same batch.
    asio::post(loop_, [this] {
      while (batches_under_way_ < kBatchesUnderWayMax && !waiting_.empty()) {
        ++batches_under_way_;
        asio::co_spawn(loop_, submit_batch(next_batch()), http::rethrow);
      }
    });
  }
  Batch next_batch() {
    Batch out;
    std::size_t bytes = 0;
    while (!waiting_.empty() && out.size() < proto::kBatchSubmissionsMax) {
      bytes += waiting_.front()->transaction.size();
      if (!out.empty() && bytes > kBatchBytesMax) break;
      out.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    return out;
  }
  Task<void> submit_batch(Batch batch) {
    v1::SubmitBatchRequest request;
    for (const auto& submission : batch) {
      request.add_submissions()->set_transaction(submission->transaction.data(),
                                                 submission->transaction.size());
    }
    const auto response =
        co_await call<v1::SubmitBatchResponse>(&Async::SubmitBatch, std::move(request));
    --batches_under_way_;
    settle(batch, statuses_of(response, batch.size()));
    if (!waiting_.empty()) start_batches();
  }
  Answer<std::vector<proto::TransactionStatus>> statuses_of(
      const Answer<v1::SubmitBatchResponse>& response, std::size_t count) const {
    if (!response) return base::Unexpected{response.error()};
    auto statuses = converted(proto::from_pb(*response));
    if (statuses && statuses->size() != count) {
      return base::Unexpected{proto::malformed_answer(node_, "Answers are missing.")};
    }
    return statuses;
  }
  static void settle(const Batch& batch, Answer<std::vector<proto::TransactionStatus>> statuses) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (statuses) {
        batch[i]->answer.emplace(std::move((*statuses)[i]));
      } else {
        batch[i]->answer.emplace(base::Unexpected{statuses.error()});
      }
      batch[i]->answered.cancel();
    }
  }

  asio::io_context& loop_;
  std::string node_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Node::Stub> stub_;
  CallRegistry registry_;
  std::deque<std::shared_ptr<Submission>> waiting_;
  std::size_t batches_under_way_ = 0;
};

}  // namespace

std::unique_ptr<NodeLink> make_grpc_node_link(asio::io_context& loop, const base::Endpoint& node,
                                              const std::optional<std::string>& ca_pem) {
  return std::make_unique<GrpcNodeLink>(loop, node.text(), proto::make_channel(node, ca_pem));
}

}  // namespace peerpay::api
