#include "node/net/grpc_listener.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <utility>

#include "node/net/call_counter.h"

namespace peerpay::net {

GrpcListener::GrpcListener() = default;
GrpcListener::~GrpcListener() = default;

std::optional<std::string> GrpcListener::start(
    grpc::ServerBuilder& builder, const std::shared_ptr<grpc::ServerCredentials>& credentials,
    AcceptorOptions options) {
  counter_ = std::make_unique<CallCounter>();
  options.counts = [this](const std::string& peer) { return counter_->counts(peer); };
  options.begin_round = [this] { counter_->begin_round(); };
  auto acceptor = ConnectionAcceptor::open(options);
  if (!acceptor) return acceptor.error();
  using FromDescriptor = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  intake_ =
      builder.experimental().AddExternalConnectionAcceptor(FromDescriptor::FROM_FD, credentials);
  server_ = builder.BuildAndStart();
  if (!server_) return "The gRPC server for " + options.address + " does not start.";
  acceptor_ = std::move(*acceptor);
  return std::nullopt;
}

void GrpcListener::accept() {
  acceptor_->start([this](int descriptor) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = descriptor;
    intake_->HandleNewConnection(&connection);
  });
}

void GrpcListener::stop() {
  if (!acceptor_) return;
  acceptor_->stop();
  server_->Shutdown(std::chrono::system_clock::now());
}

}  // namespace peerpay::net
