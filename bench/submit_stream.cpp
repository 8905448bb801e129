#include "bench/submit_stream.h"

#include <fcntl.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/grpcpp.h>

#include <optional>
#include <utility>

#include "peerpay/v1/node.grpc.pb.h"
#include "proto/client/convert.h"

namespace peerpay::bench {

namespace {

std::shared_ptr<grpc::Channel> channel_to(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

std::shared_ptr<grpc::Channel> channel_from(LoopbackHost host, std::uint16_t port) {
  const auto socket = connect_from(host, port);
  // gRPC closes what it is given.
  const int own = ::fcntl(socket.number(), F_DUPFD_CLOEXEC, 0);
  if (own < 0) return channel_to("127.0.0.1:0");  // where every call fails
  return grpc::CreateInsecureChannelFromFd("loopback", own);
}

}  // namespace

struct SubmitStream::Call {
  std::unique_ptr<v1::Node::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SubmitStreamRequest, v1::SubmitStreamResponse>>
      stream;
  v1::SubmitStreamRequest request;    // of the sending thread; kept, so that its memory is
  v1::SubmitStreamResponse response;  // of the receiving thread
  std::string fault;                  // of the receiving thread: an answer that makes no sense
  std::optional<grpc::Status> status;

  explicit Call(const std::shared_ptr<grpc::Channel>& channel)
      : stub{v1::Node::NewStub(channel)}, stream{stub->SubmitStream(&context)} {}
  void finish() {
    if (!status) status = stream->Finish();
  }
};

SubmitStream::SubmitStream(const std::string& address)
    : call_{std::make_unique<Call>(channel_to(address))} {}
SubmitStream::SubmitStream(LoopbackHost from, std::uint16_t port)
    : call_{std::make_unique<Call>(channel_from(from, port))} {}

SubmitStream::~SubmitStream() {
  cancel();
  call_->finish();
}

bool SubmitStream::send(const std::vector<const std::string*>& transactions) {
  call_->request.clear_transactions();
  for (const auto* transaction : transactions) call_->request.add_transactions(*transaction);
  return call_->stream->Write(call_->request);
}

std::vector<proto::StreamedStatus> SubmitStream::receive() {
  if (!call_->stream->Read(&call_->response)) return {};
  auto statuses = proto::from_pb(call_->response);
  if (!statuses || statuses->empty()) {
    call_->fault = statuses ? "an answer without a status" : statuses.error();
    cancel();
    return {};
  }
  return std::move(*statuses);
}

void SubmitStream::cancel() { call_->context.TryCancel(); }

std::string SubmitStream::ending() {
  call_->finish();
  if (!call_->fault.empty()) return call_->fault;
  return call_->status->ok() ? "the node ended the call" : call_->status->error_message();
}

}  // namespace peerpay::bench
