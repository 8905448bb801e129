#include "wallet/cli/grpc_node_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>
#include <utility>

#include "base/os/file.h"
#include "peerpay/v1/node.grpc.pb.h"
#include "proto/channel/channel.h"
#include "proto/client/convert.h"
#include "wallet/cli/private_file.h"

namespace peerpay::wallet::cli {
namespace {

constexpr std::chrono::seconds kCallTimeout{10};
constexpr std::size_t kTlsCaBytesMax = 1024 * 1024;

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
    if (!status.ok()) return base::Unexpected{proto::error_of(status, name_)};
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
    return base::Unexpected{proto::malformed_answer(name_, value.error())};
  }

  std::string name_;
  std::unique_ptr<v1::Node::Stub> stub_;
};

Result<std::optional<std::string>> authorities_of(const NodeAddress& address) {
  if (!address.tls_ca) return std::optional<std::string>{};
  const auto pem = os::read_input(*address.tls_ca, kTlsCaBytesMax);
  if (!pem) return io_failed(pem.error());
  return std::optional{base::to_text(*pem)};
}

}  // namespace

Result<std::unique_ptr<NodeClient>> make_grpc_node_client(const NodeAddress& address) {
  const auto authorities = authorities_of(address);
  if (!authorities) return base::Unexpected{authorities.error()};
  return std::unique_ptr<NodeClient>{std::make_unique<GrpcNodeClient>(
      address.endpoint.text(), proto::make_channel(address.endpoint, *authorities))};
}

}  // namespace peerpay::wallet::cli
