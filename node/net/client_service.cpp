#include "node/net/client_service.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <utility>

#include "node/net/server_options.h"
#include "node/net/service_context.h"
#include "node/net/submit_stream.h"
#include "node/net/subscription.h"
#include "node/net/unary_call.h"
#include "peerpay/v1/node.grpc.pb.h"
#include "proto/client/convert.h"

namespace peerpay::net {
namespace {

constexpr int kMetadataBytesMax = 8 * 1024;
constexpr std::chrono::milliseconds kShutdownGrace{200};

bool is_loopback_address(const std::string& address) {
  return address.starts_with("127.") || address.starts_with("localhost:") || address.starts_with("[::1]:");
}

bool has_ended(const proto::TransactionStatus& status) {
  return status.state != proto::TransactionState::kPending && status.state != proto::TransactionState::kUnknown;
}

class Service final : public v1::Node::CallbackService {
 public:
  explicit Service(ServiceContext& context) : context_{context} {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext*, const v1::GetStatusRequest*,
                                      v1::GetStatusResponse* response) override {
    return ask<proto::NodeStatus>(*response, [this](auto done) { context_.backend.status(std::move(done)); });
  }

  grpc::ServerUnaryReactor* GetHead(grpc::CallbackServerContext*, const v1::GetHeadRequest*,
                                    v1::GetHeadResponse* response) override {
    return ask<proto::Head>(*response, [this](auto done) { context_.backend.head(std::move(done)); });
  }

  grpc::ServerUnaryReactor* GetGenesis(grpc::CallbackServerContext*, const v1::GetGenesisRequest*,
                                       v1::GetGenesisResponse* response) override {
    return ask<proto::GenesisFile>(*response, [this](auto done) { done(context_.backend.genesis()); });
  }

  grpc::ServerUnaryReactor* GetTransaction(grpc::CallbackServerContext*, const v1::GetTransactionRequest* request,
                                           v1::GetTransactionResponse* response) override {
    return UnaryCall<v1::GetTransactionResponse>::start(context_, *response, [&](auto pending) {
      const auto query = proto::from_pb(*request);
      if (!query) return pending->fail(context_.malformed(query.error()));
      context_.backend.transaction(*query, answer_status(pending));
    });
  }

  grpc::ServerUnaryReactor* GetReceipt(grpc::CallbackServerContext*, const v1::GetReceiptRequest* request,
                                       v1::GetReceiptResponse* response) override {
    return ask_about<base::Bytes>(*request, *response, [this](const auto& id, auto done) {
      context_.backend.receipt(id, std::move(done));
    });
  }

  grpc::ServerUnaryReactor* GetAccount(grpc::CallbackServerContext*, const v1::GetAccountRequest* request,
                                       v1::GetAccountResponse* response) override {
    return ask_about<proto::AccountSnapshot>(*request, *response, [this](const auto& query, auto done) {
      context_.backend.account(query, std::move(done));
    });
  }

  grpc::ServerUnaryReactor* ListHistory(grpc::CallbackServerContext*, const v1::ListHistoryRequest* request,
                                        v1::ListHistoryResponse* response) override {
    return ask_about<proto::HistoryPage>(*request, *response, [this](const auto& query, auto done) {
      context_.backend.history(query, std::move(done));
    });
  }

  grpc::ServerUnaryReactor* GetBlock(grpc::CallbackServerContext*, const v1::GetBlockRequest* request,
                                     v1::GetBlockResponse* response) override {
    return UnaryCall<v1::GetBlockResponse>::start(context_, *response, [&](auto pending) {
      const auto query = proto::from_pb(*request);
      if (!query) return pending->fail(context_.malformed(query.error()));
      context_.backend.block(*query, [pending](const Answer<proto::FinalizedBlock>& block) {
        pending->answer(block, [](const auto& value, auto& out) { proto::to_pb(value, *out.mutable_block()); });
      });
    });
  }

  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext*, const v1::SubmitRequest* request,
                                   v1::SubmitResponse* response) override {
    return UnaryCall<v1::SubmitResponse>::start(context_, *response, [&](auto pending) {
      auto submission = proto::from_pb(*request);
      if (!submission) return pending->fail(context_.malformed(submission.error()));
      ++context_.submissions;
      ++context_.submission_groups;
      const std::chrono::milliseconds wait{submission->wait_ms};
      context_.backend.submit({std::move(*submission)}, [this, pending, wait](const auto& statuses) {
        if (!statuses) return pending->fail(status_of(statuses.error()));
        wait_until_settled(pending, statuses->front(), wait);
      });
    });
  }

  grpc::ServerUnaryReactor* SubmitBatch(grpc::CallbackServerContext*, const v1::SubmitBatchRequest* request,
                                        v1::SubmitBatchResponse* response) override {
    return ask_about<std::vector<proto::TransactionStatus>>(
        *request, *response, [this](const std::vector<proto::Submission>& submissions, auto done) {
          context_.submissions += submissions.size();
          ++context_.submission_groups;
          context_.backend.submit(submissions, std::move(done));
        });
  }

  grpc::ServerUnaryReactor* WaitForFinal(grpc::CallbackServerContext*, const v1::WaitForFinalRequest* request,
                                         v1::WaitForFinalResponse* response) override {
    return UnaryCall<v1::WaitForFinalResponse>::start(context_, *response, [&](auto pending) {
      const auto query = proto::from_pb(*request);
      if (!query) return pending->fail(context_.malformed(query.error()));
      pending->hold(context_.backend.follow({*query}, [pending](const proto::TransactionStatus& status) {
        answer_status(pending)(status);
      }));
      pending->on_timeout(std::chrono::milliseconds{query->wait_ms}, [this, pending, query = *query] {
        context_.backend.transaction(query, answer_status(pending));
      });
    });
  }

  grpc::ServerWriteReactor<v1::SubscribeResponse>* Subscribe(grpc::CallbackServerContext*,
                                                             const v1::SubscribeRequest* request) override {
    return subscribe(context_, *request);
  }

  grpc::ServerBidiReactor<v1::SubmitStreamRequest, v1::SubmitStreamResponse>* SubmitStream(
      grpc::CallbackServerContext*) override {
    return submit_stream(context_);
  }

 private:
  template <class Pending>
  static Done<proto::TransactionStatus> answer_status(Pending pending) {
    return [pending](const Answer<proto::TransactionStatus>& status) {
      pending->answer(status, [](const auto& value, auto& out) { proto::to_pb(value, *out.mutable_status()); });
    };
  }

  template <class Pending>
  void wait_until_settled(Pending pending, const proto::TransactionStatus& status, std::chrono::milliseconds wait) {
    if (has_ended(status) || wait.count() == 0) return answer_status(pending)(status);
    if (pending->is_over()) return;
    pending->hold(context_.backend.follow({{status.id, std::nullopt, 0}}, [pending](const auto& settled) {
      answer_status(pending)(settled);
    }));
    pending->on_timeout(wait, [pending, status] { answer_status(pending)(status); });
  }

  template <class Value, class Response, class Ask>
  grpc::ServerUnaryReactor* ask(Response& response, Ask&& ask_backend) {
    return UnaryCall<Response>::start(context_, response, [&](auto pending) {
      ask_backend(Done<Value>{[pending](const Answer<Value>& value) {
        pending->answer(value, [](const Value& found, Response& out) { proto::to_pb(found, out); });
      }});
    });
  }

  template <class Value, class Request, class Response, class Ask>
  grpc::ServerUnaryReactor* ask_about(const Request& request, Response& response, Ask&& ask_backend) {
    return UnaryCall<Response>::start(context_, response, [&](auto pending) {
      const auto query = proto::from_pb(request);
      if (!query) return pending->fail(context_.malformed(query.error()));
      ask_backend(*query, Done<Value>{[pending](const Answer<Value>& value) {
        pending->answer(value, [](const Value& found, Response& out) { proto::to_pb(found, out); });
      }});
    });
  }

  ServiceContext& context_;
};

std::shared_ptr<grpc::ServerCredentials> credentials(const std::optional<ServerCertificate>& certificate) {
  if (!certificate) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({base::to_text(certificate->key_pem.view()), certificate->chain_pem});
  return grpc::SslServerCredentials(options);
}

}  // namespace

std::optional<std::string_view> ClientLimits::invalid_reason() const {
  if (message_bytes_max < 64 * 1024) return "message_bytes_max must be at least 64 KiB";
  if (memory_bytes_max < message_bytes_max) return "memory_bytes_max must hold one message";
  if (calls_max == 0 || streams_per_connection_max < 1) return "at least one call must be allowed";
  if (unanswered_max == 0 || unsettled_max < unanswered_max) return "unsettled_max must be at least unanswered_max";
  if (group_submissions_max == 0 || group_submissions_max > proto::kBatchSubmissionsMax) {
    return "group_submissions_max must be 1 to the size of a batch";
  }
  return std::nullopt;
}

class ClientService::Impl {
 public:
  Impl(NodeBackend& backend, const ClientLimits& limits) : context_{backend, limits}, service_{context_} {}

  base::Expected<void, ClientServiceError> listen(const ClientServiceOptions& options) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    const auto& limits = options.limits;
    limit_server(builder, {limits.message_bytes_max, limits.memory_bytes_max, kMetadataBytesMax,
                           limits.streams_per_connection_max, limits.handshake_timeout, limits.keepalive_interval,
                           limits.keepalive_timeout, limits.ping_interval_min});
    builder.AddListeningPort(options.listen_address, credentials(options.certificate), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      return base::Unexpected{ClientServiceError{"Clients cannot be served on " + options.listen_address +
                                                 ": the address is in use or not this machine's."}};
    }
    set_serving(false);
    return {};
  }

  void set_serving(bool serving) { server_->GetHealthCheckService()->SetServingStatus(serving); }

  void stop() {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now() + kShutdownGrace);
    server_->Wait();
    server_.reset();
  }

  [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
  [[nodiscard]] ClientServiceCounters counters() const {
    return {context_.calls,       context_.calls_refused,     context_.calls_malformed,
            context_.submissions, context_.submission_groups, context_.blocks_sent};
  }

 private:
  ServiceContext context_;
  Service service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

ClientService::ClientService(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

ClientService::~ClientService() { stop(); }

base::Expected<std::unique_ptr<ClientService>, ClientServiceError> ClientService::start(ClientServiceOptions options,
                                                                                       NodeBackend& backend) {
  if (const auto reason = options.limits.invalid_reason()) {
    return base::Unexpected{ClientServiceError{std::string{*reason} + "."}};
  }
  if (!options.certificate && !is_loopback_address(options.listen_address)) {
    return base::Unexpected{ClientServiceError{
        options.listen_address + " is not a loopback address: give a TLS certificate to listen there."}};
  }
  auto impl = std::make_unique<Impl>(backend, options.limits);
  if (const auto listening = impl->listen(options); !listening) return base::Unexpected{listening.error()};
  return std::unique_ptr<ClientService>{new ClientService{std::move(impl)}};
}

void ClientService::set_serving(bool serving) { impl_->set_serving(serving); }
void ClientService::stop() { impl_->stop(); }
std::uint16_t ClientService::listen_port() const { return impl_->port(); }
ClientServiceCounters ClientService::counters() const { return impl_->counters(); }

}  // namespace peerpay::net
