#include "tests/unit/wallet_cli/practice_server.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>

#include "peerpay/v1/node.grpc.pb.h"
#include "proto/client/convert.h"

namespace peerpay::wallet::cli {
namespace {

class Service final : public v1::Node::Service {
 public:
  explicit Service(PracticeState& state) : state_{state} {}

  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                         v1::GetStatusResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    proto::to_pb(state_.node.status(), *response);
    return grpc::Status::OK;
  }

  grpc::Status GetGenesis(grpc::ServerContext*, const v1::GetGenesisRequest*,
                          v1::GetGenesisResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    proto::to_pb(proto::GenesisFile{encode(state_.node.genesis()), state_.node.chain()}, *response);
    return grpc::Status::OK;
  }

  grpc::Status Submit(grpc::ServerContext*, const v1::SubmitRequest* request,
                      v1::SubmitResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const auto submission = proto::from_pb(*request);
    if (!submission) return {grpc::StatusCode::INVALID_ARGUMENT, submission.error()};
    proto::to_pb(state_.node.submit(submission->transaction), *response->mutable_status());
    ++state_.submissions;
    state_.submitted.notify_all();
    if (state_.is_losing_answers) return {grpc::StatusCode::UNAVAILABLE, "lost on purpose"};
    return grpc::Status::OK;
  }

  grpc::Status WaitForFinal(grpc::ServerContext*, const v1::WaitForFinalRequest* request,
                            v1::WaitForFinalResponse* response) override {
    return answer(*request, *response->mutable_status());
  }

  grpc::Status GetTransaction(grpc::ServerContext*, const v1::GetTransactionRequest* request,
                              v1::GetTransactionResponse* response) override {
    {
      std::unique_lock lock(state_.mutex);
      ++state_.lookups;
      state_.heard.wait(lock, [this] { return !state_.is_silent; });
    }
    return answer(*request, *response->mutable_status());
  }

  grpc::Status GetReceipt(grpc::ServerContext*, const v1::GetReceiptRequest* request,
                          v1::GetReceiptResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const auto id = proto::from_pb(*request);
    if (!id) return {grpc::StatusCode::INVALID_ARGUMENT, id.error()};
    const auto receipt = state_.node.receipt(*id);
    if (!receipt) {
      return {grpc::StatusCode::NOT_FOUND, "receipt_not_found: There is no such receipt here."};
    }
    proto::to_pb(*receipt, *response);
    return grpc::Status::OK;
  }

  grpc::Status GetAccount(grpc::ServerContext*, const v1::GetAccountRequest* request,
                          v1::GetAccountResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const auto query = proto::from_pb(*request);
    if (!query) return {grpc::StatusCode::INVALID_ARGUMENT, query.error()};
    proto::to_pb(state_.node.account(*query), *response);
    return grpc::Status::OK;
  }

  grpc::Status ListHistory(grpc::ServerContext*, const v1::ListHistoryRequest* request,
                           v1::ListHistoryResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const auto query = proto::from_pb(*request);
    if (!query) return {grpc::StatusCode::INVALID_ARGUMENT, query.error()};
    proto::to_pb(state_.node.history(query->account), *response);
    return grpc::Status::OK;
  }

 private:
  template <class Request>
  grpc::Status answer(const Request& request, v1::TransactionStatus& status) {
    const std::lock_guard lock(state_.mutex);
    const auto query = proto::from_pb(request);
    if (!query) return {grpc::StatusCode::INVALID_ARGUMENT, query.error()};
    proto::to_pb(state_.node.transaction(*query), status);
    return grpc::Status::OK;
  }

  PracticeState& state_;
};

}  // namespace

struct PracticeServer::Running {
  explicit Running(PracticeState& state) : service{state} {}
  Service service;
  std::unique_ptr<grpc::Server> server;
};

PracticeServer::PracticeServer() : running_{std::make_unique<Running>(state_)} {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&running_->service);
  running_->server = builder.BuildAndStart();
  EXPECT_NE(port, 0);
  address_ = "127.0.0.1:" + std::to_string(port);
}

PracticeServer::~PracticeServer() { stop(); }

void PracticeServer::await_submissions(std::size_t count) {
  std::unique_lock lock(state_.mutex);
  EXPECT_TRUE(state_.submitted.wait_for(lock, std::chrono::seconds(60),
                                        [&] { return state_.submissions >= count; }));
}

void PracticeServer::be_silent(bool is_silent) {
  const std::lock_guard lock(state_.mutex);
  state_.is_silent = is_silent;
  state_.heard.notify_all();
}

void PracticeServer::stop() {
  if (running_ == nullptr) return;
  be_silent(false);
  running_->server->Shutdown(std::chrono::system_clock::now());
  running_->server->Wait();
  running_.reset();
}

}  // namespace peerpay::wallet::cli
