#include "node/net/client_service.h"

#include <grpc/grpc.h>
#include <grpcpp/alarm.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/endpoint.h"
#include "node/net/alarm_deadline.h"
#include "node/net/answer_room.h"
#include "node/net/byte_budget.h"
#include "node/net/call_status.h"
#include "node/net/forgery_guard.h"
#include "node/net/grpc_listener.h"
#include "node/net/live_calls.h"
#include "node/net/server_options.h"
#include "node/net/submit_session.h"
#include "node/net/submit_stream_call.h"
#include "node/net/tls_identity.h"
#include "node/net/unread_watch.h"
#include "peerpay/v1/node.grpc.pb.h"
#include "proto/client/convert.h"

namespace peerpay::net {
namespace {

// What one read takes is made into calls before anybody can notice a flood of them.
constexpr int kReadBytesMax = 8 * 1024;
constexpr int kMetadataBytesMax = 8 * 1024;
constexpr int kStreamUnreadBytesMax = 64 * 1024;

struct Counters {
  std::atomic<std::uint64_t> calls = 0;
  std::atomic<std::uint64_t> calls_refused = 0;
  std::atomic<std::uint64_t> calls_malformed = 0;
  std::atomic<std::uint64_t> blocks_sent = 0;
};

// One unary call. Owned by itself until OnDone; the node's answers hold it weakly, so that an
// answer that comes too late finds nothing.
template <class Response>
class UnaryCall final : public grpc::ServerUnaryReactor,
                        public std::enable_shared_from_this<UnaryCall<Response>> {
 public:
  // `tokens` are empty when the service is full.
  static std::shared_ptr<UnaryCall> create(grpc::ServerContextBase& context, CallTokens tokens,
                                           const AnswerRoom& room, Response& response) {
    auto call = std::make_shared<UnaryCall>(context, std::move(tokens), room, response);
    call->self_ = call;
    return call;
  }
  UnaryCall(grpc::ServerContextBase& context, CallTokens tokens, const AnswerRoom& room,
            Response& response)
      : context_{context},
        tokens_{std::move(tokens)},
        room_{room},
        response_{response},
        watch_{room.unread_max} {}

  // The first of all ends counts.
  void end(const grpc::Status& status) {
    const std::scoped_lock lock{mutex_};
    end_locked(status);
  }

  // Before an answer of so many bytes is made. False: answers that nobody reads leave it no room,
  // and the call has ended.
  bool make_room(std::size_t bytes) {
    const std::scoped_lock lock{mutex_};
    if (make_room_locked(bytes)) return true;
    end_locked(busy());
    return false;
  }

  // Writes the answer by `convert(value, response)`, and ends the call.
  template <class T, class Convert>
  Done<T> answering(Convert convert) {
    return [weak = this->weak_from_this(), place = place(), convert](Answer<T> answer) {
      const auto call = weak.lock();
      if (!call) return;
      const std::scoped_lock lock{call->mutex_};
      if (call->ended_) return;
      if (!answer) return call->end_locked(to_status(answer.error()));
      convert(*answer, call->response_);
      call->end_with_answer_locked();
    };
  }

  // Whatever the node keeps for this call holds it.
  [[nodiscard]] const std::shared_ptr<void>& place() const { return tokens_.place; }
  // Until the call ends.
  void keep(Waiting waiting) {
    const std::scoped_lock lock{mutex_};
    if (!ended_) std::swap(waiting_, waiting);
  }
  void call_after(std::chrono::milliseconds time, std::function<void()> act) {
    const std::scoped_lock lock{mutex_};
    if (ended_) return;
    alarm_.Set(deadline_in(time), [weak = this->weak_from_this(), act = std::move(act)](bool due) {
      if (const auto call = weak.lock(); call && due) act();
    });
  }

  void OnCancel() override {
    end({grpc::StatusCode::CANCELLED, error_text("cancelled", "The client went away.")});
  }
  void OnDone() override {
    std::shared_ptr<UnaryCall> self;
    Waiting waiting;
    const std::scoped_lock lock{mutex_};
    self = std::move(self_);
    waiting = std::move(waiting_);
    alarm_.Cancel();
    watch_.stop();
    share_ = {};
  }

 private:
  void end_with_answer_locked() {
    if (make_room_locked(response_.ByteSizeLong())) return end_locked(grpc::Status::OK);
    response_ = {};  // Clear would keep its memory
    end_locked(busy());
  }
  bool make_room_locked(std::size_t bytes) {
    if (bytes <= share_.bytes()) return true;
    auto share = room_.take(bytes - share_.bytes());
    if (!share) return false;
    share_.add(*std::move(share));
    return true;
  }
  void end_locked(const grpc::Status& status) {
    if (std::exchange(ended_, true)) return;
    watch_.begin(context_.c_call());
    Finish(status);
  }

  grpc::ServerContextBase& context_;  // until OnDone
  const CallTokens tokens_;
  const AnswerRoom& room_;
  Response& response_;
  UnreadWatch watch_;
  std::mutex mutex_;
  // Guarded by mutex_, all below:
  bool ended_ = false;
  BudgetShare share_;  // of the answer
  Waiting waiting_;
  grpc::Alarm alarm_;
  std::shared_ptr<UnaryCall> self_;
};

// The request itself. gRPC keeps what is left in its place until the call ends, which may be a
// minute of waiting: nothing.
template <class Request>
Request taken(const Request& request) {
  // Made by gRPC for this call, and not const; this is its only reader.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  return std::move(const_cast<Request&>(request));
}

// The converters of proto/client, as a value.
constexpr auto kConvert = [](const auto& value, auto& response) { proto::to_pb(value, response); };
constexpr auto kConvertStatus = [](const proto::TransactionStatus& status, auto& response) {
  proto::to_pb(status, *response.mutable_status());
};

// Every finalized block from a height on, one at a time: the next is asked for when the last has
// been written.
class BlockStream final : public grpc::ServerWriteReactor<v1::SubscribeResponse>,
                          public std::enable_shared_from_this<BlockStream> {
 public:
  BlockStream(grpc::ServerContextBase& context, CallTokens tokens, const AnswerRoom& room,
              NodeBackend& backend, Counters& counters)
      : context_{context},
        tokens_{std::move(tokens)},
        room_{room},
        backend_{backend},
        counters_{counters},
        watch_{room.unread_max} {}

  void start(ledger::Height from) {
    {
      const std::scoped_lock lock{mutex_};
      self_ = shared_from_this();
      next_ = from;
    }
    if (from.value != 0) return await_next();
    backend_.head([weak = weak_from_this(), place = tokens_.place](Answer<proto::Head> head) {
      const auto self = weak.lock();
      if (!self) return;
      if (!head) return self->end(to_status(head.error()));
      {
        const std::scoped_lock lock{self->mutex_};
        self->next_ = head->height.next();
      }
      self->await_next();
    });
  }

  void end(const grpc::Status& status) {
    const std::scoped_lock lock{mutex_};
    if (std::exchange(ended_, true)) return;
    Finish(status);
  }

  void OnWriteDone(bool ok) override {
    watch_.taken();
    if (!ok) return end(grpc::Status::CANCELLED);
    {
      const std::scoped_lock lock{mutex_};
      response_ = {};  // Clear would keep its memory
      share_ = {};
    }
    counters_.blocks_sent.fetch_add(1, std::memory_order_relaxed);
    await_next();
  }
  void OnCancel() override { end(grpc::Status::CANCELLED); }
  void OnDone() override {
    std::shared_ptr<BlockStream> self;
    Waiting waiting;
    const std::scoped_lock lock{mutex_};
    self = std::move(self_);
    waiting = std::move(waiting_);
    watch_.stop();
    share_ = {};
  }

 private:
  void await_next() {
    ledger::Height next;
    {
      const std::scoped_lock lock{mutex_};
      if (ended_) return;
      next = next_;
    }
    auto waiting =
        backend_.await_block(next, [weak = weak_from_this(), place = tokens_.place](auto block) {
          if (const auto self = weak.lock()) self->write(std::move(block));
        });
    const std::scoped_lock lock{mutex_};
    // The block may have come, been written, and the next be awaited already: that wait must stay.
    if (!ended_ && next_ == next) std::swap(waiting_, waiting);
  }

  void write(Answer<proto::FinalizedBlock> block) {
    if (!block) return end(to_status(block.error()));
    const std::scoped_lock lock{mutex_};
    if (ended_) return;
    proto::to_pb(*block, *response_.mutable_block());
    auto share = room_.take(response_.ByteSizeLong());
    if (!share) {
      response_ = {};
      ended_ = true;
      return Finish(busy());
    }
    share_ = *std::move(share);
    next_ = next_.next();
    watch_.begin(context_.c_call());
    StartWrite(&response_);
  }

  grpc::ServerContextBase& context_;  // until OnDone
  const CallTokens tokens_;
  const AnswerRoom& room_;
  NodeBackend& backend_;
  Counters& counters_;
  UnreadWatch watch_;
  std::mutex mutex_;
  // Guarded by mutex_, all below:
  BudgetShare share_;  // of response_
  v1::SubscribeResponse response_;
  ledger::Height next_;
  bool ended_ = false;
  Waiting waiting_;
  std::shared_ptr<BlockStream> self_;
};

template <class Stream>
class RefusedStream final : public Stream {
 public:
  explicit RefusedStream(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

// As v1::Node::CallbackService, but for SubmitStream, whose messages come and go as bytes.
template <class Base>
using WithQuestions = v1::Node::WithCallbackMethod_GetStatus<
    v1::Node::WithCallbackMethod_GetGenesis<v1::Node::WithCallbackMethod_WaitForFinal<
        v1::Node::WithCallbackMethod_GetTransaction<v1::Node::WithCallbackMethod_GetReceipt<
            v1::Node::WithCallbackMethod_GetAccount<v1::Node::WithCallbackMethod_ListHistory<
                v1::Node::WithCallbackMethod_GetBlock<v1::Node::WithCallbackMethod_GetHead<
                    v1::Node::WithCallbackMethod_Subscribe<Base>>>>>>>>>>;
using NodeServiceBase =
    WithQuestions<v1::Node::WithCallbackMethod_Submit<v1::Node::WithCallbackMethod_SubmitBatch<
        v1::Node::WithRawCallbackMethod_SubmitStream<v1::Node::Service>>>>;

class NodeService final : public NodeServiceBase {
 public:
  NodeService(const ClientLimits& limits, NodeBackend& backend)
      : limits_{limits},
        backend_{backend},
        budget_{limits.submission_bytes_max, limits.calls_max},
        answers_{limits.answer_bytes_max, limits.calls_max},
        live_{limits.calls_max} {}

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* GetStatus(Context* context, const v1::GetStatusRequest*,
                     v1::GetStatusResponse* response) override {
    return answer(*context, *response, [this](auto& call) {
      backend_.status(call.template answering<proto::NodeStatus>(kConvert));
    });
  }
  Reactor* GetGenesis(Context* context, const v1::GetGenesisRequest*,
                      v1::GetGenesisResponse* response) override {
    return answer(*context, *response, [this](auto& call) {
      const auto genesis = backend_.genesis();
      const auto done = call.template answering<proto::GenesisFile>(kConvert);
      if (!genesis) return done(base::Unexpected{genesis.error()});
      if (call.make_room((*genesis)->genesis.size())) done(**genesis);
    });
  }
  Reactor* GetHead(Context* context, const v1::GetHeadRequest*,
                   v1::GetHeadResponse* response) override {
    return answer(*context, *response, [this](auto& call) {
      backend_.head(call.template answering<proto::Head>(kConvert));
    });
  }
  Reactor* GetAccount(Context* context, const v1::GetAccountRequest* request,
                      v1::GetAccountResponse* response) override {
    return query(
        *context, *request, *response, [this](auto& call, const proto::AccountQuery& query) {
          backend_.account(query, call.template answering<proto::AccountSnapshot>(kConvert));
        });
  }
  Reactor* ListHistory(Context* context, const v1::ListHistoryRequest* request,
                       v1::ListHistoryResponse* response) override {
    return query(*context, *request, *response,
                 [this](auto& call, const proto::HistoryQuery& query) {
                   backend_.history(query, call.template answering<proto::HistoryPage>(kConvert));
                 });
  }
  Reactor* GetBlock(Context* context, const v1::GetBlockRequest* request,
                    v1::GetBlockResponse* response) override {
    return query(*context, *request, *response, [this](auto& call, const proto::BlockQuery& query) {
      backend_.block(query, call.template answering<proto::FinalizedBlock>(
                                [](const auto& block, v1::GetBlockResponse& out) {
                                  proto::to_pb(block, *out.mutable_block());
                                }));
    });
  }
  Reactor* GetReceipt(Context* context, const v1::GetReceiptRequest* request,
                      v1::GetReceiptResponse* response) override {
    return query(
        *context, *request, *response, [this](auto& call, const ledger::TransactionId& id) {
          backend_.receipt(id, call.template answering<base::Bytes>(
                                   [](const base::Bytes& receipt, v1::GetReceiptResponse& out) {
                                     proto::to_pb(base::ByteView{receipt}, out);
                                   }));
        });
  }
  Reactor* GetTransaction(Context* context, const v1::GetTransactionRequest* request,
                          v1::GetTransactionResponse* response) override {
    return query(
        *context, *request, *response,
        [this](auto& call, const proto::TransactionQuery& query) { answer_status(call, query); });
  }
  Reactor* WaitForFinal(Context* context, const v1::WaitForFinalRequest* request,
                        v1::WaitForFinalResponse* response) override {
    return query(
        *context, *request, *response, [this](auto& call, const proto::TransactionQuery& query) {
          if (query.wait_ms == 0) {
            answer_status(call, query);
          } else {
            wait(call, query, [&](auto settled) { return backend_.await_end(query, settled); });
          }
        });
  }
  Reactor* SubmitBatch(Context* context, const v1::SubmitBatchRequest* request,
                       v1::SubmitBatchResponse* response) override {
    return query(*context, *request, *response,
                 [&](auto& call, std::vector<proto::Submission>&& submissions) {
                   submit_all(
                       *context, std::move(submissions),
                       call.template answering<std::vector<proto::TransactionStatus>>(kConvert));
                 });
  }
  Reactor* Submit(Context* context, const v1::SubmitRequest* request,
                  v1::SubmitResponse* response) override {
    return query(*context, *request, *response, [&](auto& call, proto::Submission submission) {
      submit(*context, call, std::move(submission));
    });
  }

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SubmitStream(
      Context* context) override {
    using Stream = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;
    auto tokens = enter(*context);
    if (!tokens) return new RefusedStream<Stream>{busy()};
    return take_submit_stream(*context, std::move(*tokens),
                              {limits_, backend_, budget_, streams_, counters_.calls_malformed},
                              {Caller::at(context->peer()), forgeries_});
  }

  grpc::ServerWriteReactor<v1::SubscribeResponse>* Subscribe(
      Context* context, const v1::SubscribeRequest* request) override {
    auto tokens = enter(*context);
    if (!tokens) return new RefusedStream<grpc::ServerWriteReactor<v1::SubscribeResponse>>{busy()};
    const auto stream =
        std::make_shared<BlockStream>(*context, std::move(*tokens), room_, backend_, counters_);
    stream->start(ledger::Height{request->from_height()});
    return stream.get();
  }

  void wait_until_idle() { live_.wait_until_none(); }
  const Counters& counters() const { return counters_; }
  ForgeryGuard& forgeries() { return *forgeries_; }

 private:
  using Statuses = std::vector<proto::TransactionStatus>;

  std::optional<CallTokens> enter(const Context& context) {
    counters_.calls.fetch_add(1, std::memory_order_relaxed);
    auto tokens = live_.enter(Caller::at(context.peer()).host);
    if (!tokens) counters_.calls_refused.fetch_add(1, std::memory_order_relaxed);
    return tokens;
  }

  // `ask(call)` makes the call end, now or later.
  template <class Response, class Ask>
  Reactor* answer(Context& context, Response& response, const Ask& ask) {
    auto tokens = enter(context);
    const bool full = !tokens;
    const auto call = UnaryCall<Response>::create(context, std::move(tokens).value_or(CallTokens{}),
                                                  room_, response);
    if (full) {
      call->end(busy());
    } else {
      ask(*call);
    }
    return call.get();
  }

  // As answer, with the request as a value: `ask(call, value)`.
  template <class Request, class Response, class Ask>
  Reactor* query(Context& context, const Request& request, Response& response, const Ask& ask) {
    return answer(context, response, [&](auto& call) {
      auto value = proto::from_pb(taken(request));
      if (value) return ask(call, *std::move(value));
      counters_.calls_malformed.fetch_add(1, std::memory_order_relaxed);
      call.end(malformed(value.error()));
    });
  }

  template <class Call>
  void answer_status(Call& call, const proto::TransactionQuery& query) {
    backend_.transaction(query, call.template answering<proto::TransactionStatus>(kConvertStatus));
  }

  // Answers when the transaction has ended, or with what is known of it when the time is up.
  // `follow(settled)` makes the node watch for the end.
  template <class Call, class Follow>
  void wait(Call& call, const proto::TransactionQuery& query, const Follow& follow) {
    call.call_after(std::chrono::milliseconds{query.wait_ms},
                    [this, weak = call.weak_from_this(), query] {
                      if (const auto alive = weak.lock()) answer_status(*alive, query);
                    });
    auto settled = call.template answering<proto::TransactionStatus>(kConvertStatus);
    call.keep(follow([settled](const auto& status) { settled(status); }));
  }

  void submit_all(const Context& context, std::vector<proto::Submission> submissions,
                  Done<Statuses> done) {
    auto caller = Caller::at(context.peer());
    backend_.submit(caller, std::move(submissions),
                    [guard = forgeries_, caller, done = std::move(done)](auto answer) {
                      guard->on_answer(caller, answer);
                      done(std::move(answer));
                    });
  }

  template <class Call>
  void submit(const Context& context, Call& call, proto::Submission submission) {
    const auto wait_ms = submission.wait_ms;
    std::vector<proto::Submission> one;
    one.push_back(std::move(submission));
    submit_all(context, std::move(one),
               [this, weak = call.weak_from_this(), place = call.place(), wait_ms](auto answer) {
                 const auto alive = weak.lock();
                 if (!alive) return;
                 if (!answer) return alive->end(to_status(answer.error()));
                 const proto::TransactionStatus& status = answer->front();
                 if (wait_ms != 0 && status.state == proto::TransactionState::kPending) {
                   return wait(*alive,
                               {.id = status.id, .valid_until = std::nullopt, .wait_ms = wait_ms},
                               [&](auto settled) { return backend_.follow({status.id}, settled); });
                 }
                 alive->template answering<proto::TransactionStatus>(kConvertStatus)(status);
               });
  }

  const ClientLimits limits_;
  NodeBackend& backend_;
  Counters counters_;
  ByteBudget budget_;
  std::atomic<std::size_t> streams_ = 0;  // SubmitStreams that are open
  ByteBudget answers_;
  LiveCalls live_;
  const std::shared_ptr<ForgeryGuard> forgeries_ = std::make_shared<ForgeryGuard>();
  const AnswerRoom room_{answers_, live_, limits_.answers_unread_max};
};

std::shared_ptr<grpc::ServerCredentials> credentials_for(const ClientServiceOptions& options) {
  if (!options.certificate) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions ssl;
  ssl.pem_key_cert_pairs.push_back(
      {base::to_text(options.certificate->key_pem.view()), options.certificate->chain_pem});
  return grpc::SslServerCredentials(ssl);
}

}  // namespace

class ClientService::Impl {
 public:
  Impl(const ClientLimits& limits, NodeBackend& backend)
      : limits_{limits}, service_{limits, backend} {}

  std::optional<std::string> listen(const ClientServiceOptions& options) {
    grpc::ServerBuilder builder;
    limit_server(builder, {.message_bytes_max = limits_.message_bytes_max,
                           .memory_bytes_max = limits_.memory_bytes_max,
                           .read_bytes_max = kReadBytesMax,
                           .metadata_bytes_max = kMetadataBytesMax,
                           .streams_per_connection_max = limits_.streams_per_connection_max,
                           .stream_unread_bytes_max = kStreamUnreadBytesMax,
                           .handshake_timeout = limits_.handshake_timeout,
                           .keepalive_interval = limits_.keepalive_interval,
                           .keepalive_timeout = limits_.keepalive_timeout,
                           .connection_idle_max = limits_.connection_idle_max});
    add_default_services(builder);
    builder.RegisterService(&service_);
    auto failure =
        grpc_.start(builder, credentials_for(options),
                    {.address = options.listen_address,
                     .connections_max = limits_.connections_max,
                     .unused_bytes_max = unused_bytes_max(limits_.message_bytes_max),
                     .silent_max = base::milliseconds(limits_.handshake_timeout.count())});
    if (failure) return failure;
    set_serving(false);
    service_.forgeries().start([this](const std::string& peer) { grpc_.cut_off(peer); });
    grpc_.accept();
    return std::nullopt;
  }

  void set_serving(bool serving) {
    grpc_.server().GetHealthCheckService()->SetServingStatus(serving);
  }

  void stop() {
    if (stopped_.exchange(true)) return;
    service_.forgeries().stop();
    grpc_.stop();
    service_.wait_until_idle();
  }

  std::uint16_t port() const { return grpc_.port(); }
  const Counters& counters() const { return service_.counters(); }

 private:
  const ClientLimits limits_;
  NodeService service_;
  GrpcListener grpc_;
  std::atomic<bool> stopped_ = false;
};

namespace {

std::optional<std::string> invalid_reason(const ClientServiceOptions& options) {
  if (const auto reason = options.limits.invalid_reason()) return std::string{*reason};
  if (!options.certificate) {
    const auto listens_at = base::parse_endpoint(options.listen_address);
    if (listens_at && listens_at->is_loopback()) return std::nullopt;
    return "The client address " + options.listen_address +
           " can be reached from other machines: it needs a TLS certificate.";
  }
  const auto& certificate = *options.certificate;
  const auto pair = check_key_pair(certificate.chain_pem, certificate.key_pem.view());
  if (!pair) return "The client TLS certificate: " + std::string{sentence(pair.error())};
  return std::nullopt;
}

}  // namespace

base::Expected<std::unique_ptr<ClientService>, ListenError> ClientService::start(
    ClientServiceOptions options, NodeBackend& backend) {
  if (auto reason = invalid_reason(options))
    return base::Unexpected{ListenError{ListenFault::kOptions, *reason}};
  auto impl = std::make_unique<Impl>(options.limits, backend);
  if (auto failure = impl->listen(options)) {
    return base::Unexpected{ListenError{ListenFault::kAddress, "Clients: " + std::move(*failure)}};
  }
  return std::unique_ptr<ClientService>{new ClientService{std::move(impl)}};
}

ClientService::ClientService(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

ClientService::~ClientService() { stop(); }

void ClientService::set_serving(bool serving) { impl_->set_serving(serving); }

void ClientService::stop() { impl_->stop(); }

std::uint16_t ClientService::listen_port() const { return impl_->port(); }

ClientServiceCounters ClientService::counters() const {
  const Counters& from = impl_->counters();
  return {.calls = from.calls,
          .calls_refused = from.calls_refused,
          .calls_malformed = from.calls_malformed,
          .blocks_sent = from.blocks_sent};
}

}  // namespace peerpay::net
