#include "wallet/cli/grpc_node_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>
#include <utility>

#include "base/os/file.h"
#include "peerpay/v1/node.grpc.pb.h"
#include "proto/client/convert.h"
#include "wallet/cli/private_file.h"
#include "wallet/confirmation.h"

namespace peerpay::wallet::cli {
namespace {

constexpr std::chrono::seconds kCallTimeout{10};
// Holds a genesis of some million accounts; a larger one comes from a file (spec: wallet W2).
constexpr int kAnswerBytesMax = 256 * 1024 * 1024;
constexpr std::size_t kTlsCaBytesMax = 1024 * 1024;

NodeFault fault_of(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::INTERNAL: return NodeFault::kUnreachable;
    case grpc::StatusCode::DEADLINE_EXCEEDED: return NodeFault::kTimeout;
    case grpc::StatusCode::RESOURCE_EXHAUSTED: return NodeFault::kBusy;
    case grpc::StatusCode::NOT_FOUND: return NodeFault::kNotFound;
    case grpc::StatusCode::OK:
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::DATA_LOSS:
    case grpc::StatusCode::DO_NOT_USE: return NodeFault::kRefused;
  }
  return NodeFault::kRefused;
}

// Our nodes write "code: one sentence"; everything else is gRPC's own text.
std::pair<std::string, std::string> split_message(const std::string& text) {
  const auto colon = text.find(": ");
  const auto head = text.substr(0, colon);
  const bool is_code =
      colon != std::string::npos && !head.empty() &&
      head.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  return is_code ? std::pair{head, text.substr(colon + 2)} : std::pair{std::string{}, text};
}

class GrpcNodeClient final : public NodeClient {
 public:
  GrpcNodeClient(std::string name, const std::shared_ptr<grpc::Channel>& channel)
      : name_{std::move(name)}, stub_{v1::Node::NewStub(channel)} {}

  Answer<proto::NodeStatus> status() override {
    return call<v1::GetStatusResponse, proto::NodeStatus>(&v1::Node::Stub::GetStatus,
                                                          v1::GetStatusRequest{}, 0);
  }

  Answer<proto::GenesisFile> genesis() override {
    return call<v1::GetGenesisResponse, proto::GenesisFile>(&v1::Node::Stub::GetGenesis,
                                                            v1::GetGenesisRequest{}, 0);
  }

  Answer<proto::TransactionStatus> submit(const proto::Submission& submission) override {
    v1::SubmitRequest request;
    proto::to_pb(submission, request);
    return call_for_status<v1::SubmitResponse>(&v1::Node::Stub::Submit, request,
                                               submission.wait_ms);
  }

  Answer<proto::TransactionStatus> wait_for_final(const proto::TransactionQuery& query) override {
    v1::WaitForFinalRequest request;
    proto::to_pb(query, request);
    return call_for_status<v1::WaitForFinalResponse>(&v1::Node::Stub::WaitForFinal, request,
                                                     query.wait_ms);
  }

  Answer<proto::TransactionStatus> transaction(const proto::TransactionQuery& query) override {
    v1::GetTransactionRequest request;
    proto::to_pb(query, request);
    return call_for_status<v1::GetTransactionResponse>(&v1::Node::Stub::GetTransaction, request, 0);
  }

  Answer<base::Bytes> receipt(const ledger::TransactionId& id) override {
    v1::GetReceiptRequest request;
    proto::to_pb(id, request);
    return call<v1::GetReceiptResponse, base::Bytes>(&v1::Node::Stub::GetReceipt, request, 0);
  }

  Answer<proto::AccountSnapshot> account(const proto::AccountQuery& query) override {
    v1::GetAccountRequest request;
    proto::to_pb(query, request);
    return call<v1::GetAccountResponse, proto::AccountSnapshot>(&v1::Node::Stub::GetAccount,
                                                                request, 0);
  }

  Answer<proto::HistoryPage> history(const proto::HistoryQuery& query) override {
    v1::ListHistoryRequest request;
    proto::to_pb(query, request);
    return call<v1::ListHistoryResponse, proto::HistoryPage>(&v1::Node::Stub::ListHistory, request,
                                                             0);
  }

 private:
  template <class Request, class Response>
  using Method = grpc::Status (v1::Node::Stub::*)(grpc::ClientContext*, const Request&, Response*);

  template <class Response, class Request>
  Answer<Response> ask(Method<Request, Response> method, const Request& request,
                       std::uint32_t wait_ms) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallTimeout +
                         std::chrono::milliseconds(wait_ms));
    Response response;
    const auto status = ((*stub_).*method)(&context, request, &response);
    if (!status.ok()) return base::Unexpected{error_from(status)};
    return response;
  }

  template <class Response, class Value, class Request>
  Answer<Value> call(Method<Request, Response> method, const Request& request,
                     std::uint32_t wait_ms) {
    const auto response = ask<Response>(method, request, wait_ms);
    if (!response) return base::Unexpected{response.error()};
    return converted(proto::from_pb(*response));
  }

  template <class Response, class Request>
  Answer<proto::TransactionStatus> call_for_status(Method<Request, Response> method,
                                                   const Request& request, std::uint32_t wait_ms) {
    const auto response = ask<Response>(method, request, wait_ms);
    if (!response) return base::Unexpected{response.error()};
    return converted(proto::from_pb(response->status()));
  }

  template <class Value>
  Answer<Value> converted(proto::Converted<Value> value) const {
    if (value) return *std::move(value);
    return base::Unexpected{
        NodeError{NodeFault::kMalformed, "answer_malformed",
                  "The answer of node " + name_ + " makes no sense: " + value.error()}};
  }

  NodeError error_from(const grpc::Status& status) const {
    const auto fault = fault_of(status.error_code());
    auto [code, text] = split_message(status.error_message());
    if (fault == NodeFault::kTimeout) {
      return {fault, "node_timeout", "Node " + name_ + " did not answer in time."};
    }
    if (fault == NodeFault::kUnreachable && code.empty()) {
      return {fault, "node_unreachable", "Node " + name_ + " can't be reached."};
    }
    return {fault, std::move(code), printable(base::as_bytes(text))};
  }

  std::string name_;
  std::unique_ptr<v1::Node::Stub> stub_;
};

Result<std::shared_ptr<grpc::ChannelCredentials>> credentials_for(const NodeAddress& address) {
  if (address.endpoint.is_loopback && !address.tls_ca) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  if (address.tls_ca) {
    const auto pem = os::read_file(*address.tls_ca, kTlsCaBytesMax);
    if (!pem) return io_failed(pem.error());
    options.pem_root_certs = base::to_text(*pem);
  }
  return grpc::SslCredentials(options);
}

std::string target_of(const Endpoint& endpoint) {
  if (endpoint.host == "localhost") return "ipv4:127.0.0.1:" + endpoint.port;
  const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
  return "dns:///" + (is_ipv6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + endpoint.port;
}

}  // namespace

Result<std::unique_ptr<NodeClient>> make_grpc_node_client(const NodeAddress& address) {
  auto credentials = credentials_for(address);
  if (!credentials) return base::Unexpected{credentials.error()};
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // a proxy must not see plain text meant for us
  auto channel = grpc::CreateCustomChannel(target_of(address.endpoint), *credentials, arguments);
  return std::unique_ptr<NodeClient>{std::make_unique<GrpcNodeClient>(
      address.endpoint.host + ":" + address.endpoint.port, channel)};
}

}  // namespace peerpay::wallet::cli
