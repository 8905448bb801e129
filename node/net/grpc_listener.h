#pragma once
// GrpcListener: a gRPC server behind a ConnectionAcceptor.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "node/net/connection_acceptor.h"

namespace grpc {
class Server;
class ServerBuilder;
class ServerCredentials;
namespace experimental {
class ExternalConnectionAcceptor;
}
}  // namespace grpc

namespace peerpay::net {

class CallCounter;

class GrpcListener {
 public:
  GrpcListener();
  ~GrpcListener();
  // One sentence when it can't listen; else connections wait until accept(). REQUIRES: not started
  // yet; the builder has its services.
  [[nodiscard]] std::optional<std::string> start(
      grpc::ServerBuilder& builder, const std::shared_ptr<grpc::ServerCredentials>& credentials,
      AcceptorOptions options);
  // REQUIRES: started.
  void accept();
  // As ConnectionAcceptor::cut_off. REQUIRES: started.
  void cut_off(const std::string& peer) { acceptor_->cut_off(peer); }
  // Accepts no connection any more and cancels all calls; returns when the server has let go of
  // them. Does nothing when it was not started.
  void stop();

  // REQUIRES: started.
  [[nodiscard]] grpc::Server& server() { return *server_; }
  [[nodiscard]] std::uint16_t port() const { return acceptor_->port(); }

 private:
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> intake_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<CallCounter> counter_;  // of the acceptor's thread
  std::unique_ptr<ConnectionAcceptor> acceptor_;
};

}  // namespace peerpay::net
