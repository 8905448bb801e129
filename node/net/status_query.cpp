#include "node/net/status_query.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "peerpay/v1/node.grpc.pb.h"
#include "proto/client/convert.h"

namespace peerpay::net {

base::Expected<proto::NodeStatus, std::string> query_status(const std::string& address,
                                                            std::chrono::milliseconds timeout) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto stub = v1::Node::NewStub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + timeout);
  v1::GetStatusResponse response;
  const auto called = stub->GetStatus(&context, {}, &response);
  if (!called.ok()) return base::Unexpected{called.error_message() + "."};
  return proto::from_pb(response);
}

}  // namespace peerpay::net
