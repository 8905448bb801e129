#pragma once
// gRPC's side of a SubmitSession.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "node/net/byte_budget.h"
#include "node/net/client_service.h"
#include "node/net/live_calls.h"
#include "node/net/node_backend.h"
#include "node/net/submit_session.h"

namespace grpc {
class ByteBuffer;
class ServerContextBase;
template <class Request, class Response>
class ServerBidiReactor;
}  // namespace grpc

namespace peerpay::net {

// What all streams of a service have in common.
struct SubmitStreams {
  const ClientLimits& limits;
  NodeBackend& backend;
  ByteBudget& budget;
  std::atomic<std::size_t>& open;  // how many there are
  std::atomic<std::uint64_t>& calls_malformed;
};

// The call owns itself until it is done.
[[nodiscard]] grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* take_submit_stream(
    grpc::ServerContextBase& context, CallTokens tokens, const SubmitStreams& streams,
    Submitter submitter);

}  // namespace peerpay::net
