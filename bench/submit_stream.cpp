#include "bench/submit_stream.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include "peerpay/v1/node.grpc.pb.h"
#include "proto/client/convert.h"

namespace peerpay::bench {

struct SubmitStream::Call {
  std::unique_ptr<v1::Node::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SubmitRequest, v1::SubmitResponse>> stream;
  v1::SubmitRequest request;    // of the sending thread; kept, so that its memory is
  v1::SubmitResponse response;  // of the receiving thread
  std::string fault;            // of the receiving thread: an answer that makes no sense
  std::optional<grpc::Status> status;

  void finish() {
    if (!status) status = stream->Finish();
  }
};

SubmitStream::SubmitStream(const std::string& address) : call_{std::make_unique<Call>()} {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  call_->stub = v1::Node::NewStub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  call_->stream = call_->stub->SubmitStream(&call_->context);
}

SubmitStream::~SubmitStream() {
  cancel();
  call_->finish();
}

bool SubmitStream::send(const std::string& transaction, Flush flush) {
  call_->request.set_transaction(transaction);
  grpc::WriteOptions options;
  if (flush == Flush::kWithNext) options.set_buffer_hint();
  return call_->stream->Write(call_->request, options);
}

std::optional<proto::TransactionStatus> SubmitStream::receive() {
  if (!call_->stream->Read(&call_->response)) return std::nullopt;
  auto status = proto::from_pb(call_->response.status());
  if (!status) {
    call_->fault = status.error();
    cancel();
    return std::nullopt;
  }
  return std::move(*status);
}

void SubmitStream::cancel() { call_->context.TryCancel(); }

std::string SubmitStream::ending() {
  call_->finish();
  if (!call_->fault.empty()) return call_->fault;
  return call_->status->ok() ? "the node ended the call" : call_->status->error_message();
}

}  // namespace peerpay::bench
