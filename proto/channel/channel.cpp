#include "proto/channel/channel.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "base/utf8.h"

namespace peerpay::proto {
namespace {

// Holds a genesis of some million accounts; a larger one comes from a file (spec: wallet W2).
constexpr int kAnswerBytesMax = 256 * 1024 * 1024;

// A way to a node that has died without a word is found out within the sum. Nodes cut off clients
// that ping more often than every 10 s.
constexpr int kKeepaliveIntervalMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 10'000;

// gRPC's own limit is two minutes, in which a node that has come back would still count as away.
constexpr int kReconnectIntervalMaxMs = 1'000;

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

std::shared_ptr<grpc::ChannelCredentials> credentials_for(
    const base::Endpoint& node, const std::optional<std::string>& ca_pem) {
  if (node.is_loopback() && !ca_pem) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  if (ca_pem) options.pem_root_certs = *ca_pem;
  return grpc::SslCredentials(options);
}

std::string target_of(const base::Endpoint& node) {
  // Whatever the system's files say, "localhost" is this machine.
  if (node.host == "localhost") return "ipv4:127.0.0.1:" + std::to_string(node.port);
  return "dns:///" + node.text();
}

}  // namespace

std::shared_ptr<grpc::Channel> make_channel(const base::Endpoint& node,
                                            const std::optional<std::string>& ca_pem) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // a proxy must not see plain text meant for us
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveIntervalMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectIntervalMaxMs);
  // Without it pings stop while a client only listens.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  return grpc::CreateCustomChannel(target_of(node), credentials_for(node, ca_pem), arguments);
}

NodeError error_of(const grpc::Status& status, std::string_view node) {
  const auto fault = fault_of(status.error_code());
  auto [code, text] = split_message(status.error_message());
  if (fault == NodeFault::kTimeout) {
    return {fault, "node_timeout", "Node " + std::string{node} + " did not answer in time."};
  }
  if (fault == NodeFault::kUnreachable && code.empty()) {
    return {fault, "node_unreachable", "Node " + std::string{node} + " can't be reached."};
  }
  return {fault, std::move(code), base::printable(base::as_bytes(text))};
}

NodeError malformed_answer(std::string_view node, std::string_view what) {
  return {NodeFault::kMalformed, "answer_malformed",
          "The answer of node " + std::string{node} + " makes no sense: " + std::string{what}};
}

}  // namespace peerpay::proto
