#include "bench/node_client.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>

#include "ledger/block.h"
#include "peerpay/v1/node.grpc.pb.h"
#include "proto/client/convert.h"

namespace peerpay::bench {

struct NodeClient::Connection {
  std::string address;
  std::unique_ptr<v1::Node::Stub> stub;

  // Calls `method` and gives its answer, or a sentence that names the node.
  template <class Request, class Response>
  Result<Response> call(grpc::Status (v1::Node::Stub::*method)(grpc::ClientContext*, const Request&,
                                                               Response*),
                        const Request& request, base::Duration patience, bool wait_for_ready) {
    grpc::ClientContext context;
    context.set_wait_for_ready(wait_for_ready);
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::microseconds{patience.microseconds});
    Response response;
    const auto status = (stub.get()->*method)(&context, request, &response);
    if (!status.ok()) return fail(fmt::format("{}: {}", address, status.error_message()));
    return response;
  }

  template <class T>
  Result<T> checked(proto::Converted<T> value) const {
    if (!value) return fail(fmt::format("{}: {}", address, value.error()));
    return std::move(*value);
  }
};

namespace {

constexpr base::Duration kPatience = base::seconds(5);

grpc::ChannelArguments own_connection() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS,
                   2'000);  // of one attempt, in fact its time-out
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  return arguments;
}

}  // namespace

NodeClient::NodeClient(std::string address) : connection_{std::make_unique<Connection>()} {
  connection_->stub = v1::Node::NewStub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), own_connection()));
  connection_->address = std::move(address);
}
NodeClient::NodeClient(NodeClient&&) noexcept = default;
NodeClient& NodeClient::operator=(NodeClient&&) noexcept = default;
NodeClient::~NodeClient() = default;

const std::string& NodeClient::address() const { return connection_->address; }

Result<proto::NodeStatus> NodeClient::status() {
  const auto response =
      connection_->call(&v1::Node::Stub::GetStatus, v1::GetStatusRequest{}, kPatience, false);
  if (!response) return base::Unexpected{response.error()};
  return connection_->checked(proto::from_pb(*response));
}

Result<proto::Head> NodeClient::head() {
  const auto response =
      connection_->call(&v1::Node::Stub::GetHead, v1::GetHeadRequest{}, kPatience, false);
  if (!response) return base::Unexpected{response.error()};
  return connection_->checked(proto::from_pb(*response));
}

Result<ledger::BlockHash> NodeClient::block_hash(ledger::Height height) {
  v1::GetBlockRequest request;
  proto::to_pb(proto::BlockQuery{height}, request);
  const auto response = connection_->call(&v1::Node::Stub::GetBlock, request, kPatience, false);
  if (!response) return base::Unexpected{response.error()};
  const auto block = connection_->checked(proto::from_pb(response->block()));
  if (!block) return base::Unexpected{block.error()};
  const auto decoded = ledger::decode_block(block->block);
  if (!decoded || decoded->header.height != height ||
      ledger::block_hash(decoded->header) != block->hash) {
    return fail(fmt::format("{} gives a block {} that is not what its hash names.", address(),
                            height.value));
  }
  return block->hash;
}

Result<proto::GenesisFile> NodeClient::genesis() {
  const auto response =
      connection_->call(&v1::Node::Stub::GetGenesis, v1::GetGenesisRequest{}, kPatience, true);
  if (!response) return base::Unexpected{response.error()};
  return connection_->checked(proto::from_pb(*response));
}

Result<proto::AccountSnapshot> NodeClient::account(const ledger::AccountId& id) {
  v1::GetAccountRequest request;
  proto::to_pb(proto::AccountQuery{.account = id}, request);
  const auto response = connection_->call(&v1::Node::Stub::GetAccount, request, kPatience, false);
  if (!response) return base::Unexpected{response.error()};
  return connection_->checked(proto::from_pb(*response));
}

Result<proto::TransactionStatus> NodeClient::transaction(const ledger::TransactionId& id) {
  v1::GetTransactionRequest request;
  proto::to_pb(proto::TransactionQuery{.id = id, .valid_until = std::nullopt}, request);
  const auto response =
      connection_->call(&v1::Node::Stub::GetTransaction, request, kPatience, false);
  if (!response) return base::Unexpected{response.error()};
  return connection_->checked(proto::from_pb(response->status()));
}

Result<proto::TransactionStatus> NodeClient::submit(const std::string& transaction,
                                                    base::Duration wait) {
  v1::SubmitRequest request;
  request.set_transaction(transaction);
  request.set_wait_ms(static_cast<std::uint32_t>(wait.milliseconds()));
  const auto response = connection_->call(&v1::Node::Stub::Submit, request, wait + kPatience, true);
  if (!response) return base::Unexpected{response.error()};
  return connection_->checked(proto::from_pb(response->status()));
}

}  // namespace peerpay::bench
