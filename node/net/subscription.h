#pragma once
// Subscription: finalized blocks from a height on, one asked for when the one before has been taken.

#include <grpcpp/support/server_callback.h>

namespace peerpay::v1 {
class SubscribeRequest;
class SubscribeResponse;
}  // namespace peerpay::v1

namespace peerpay::net {

struct ServiceContext;

// Deletes itself when the call is over.
[[nodiscard]] grpc::ServerWriteReactor<v1::SubscribeResponse>* subscribe(ServiceContext& context,
                                                                         const v1::SubscribeRequest& request);

}  // namespace peerpay::net
