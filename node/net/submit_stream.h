#pragma once
// SubmitStream: many transactions over one call, each answered when it is admitted or refused and, if it was admitted,
// once more when it has settled.

#include <grpcpp/support/server_callback.h>

#include <memory>

namespace peerpay::v1 {
class SubmitStreamRequest;
class SubmitStreamResponse;
}  // namespace peerpay::v1

namespace peerpay::net {

struct ServiceContext;

// Deletes itself when the call is over.
[[nodiscard]] grpc::ServerBidiReactor<v1::SubmitStreamRequest, v1::SubmitStreamResponse>* submit_stream(
    ServiceContext& context);

}  // namespace peerpay::net
