#include "node/net/dialled_stream.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/client_callback.h>

#include <mutex>
#include <utility>

#include "node/net/frame.h"
#include "node/net/grpc_process.h"
#include "node/net/wire_names.h"
#include "peerpay/v1/peer.pb.h"

namespace peerpay::net {
namespace {

constexpr int kReceivedBytesMax = 1024;  // a PeerCredit is a dozen

int as_int(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

// A channel lives for one dial: gRPC's own redialling, its shared connections and its proxies stay
// out of it, and the address is resolved anew each time.
grpc::ChannelArguments channel_arguments(const DialOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, as_int(options.handshake_timeout));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, as_int(options.keepalive_interval));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, as_int(options.keepalive_timeout));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Without it pings stop on an idle stream, and a dead peer is never noticed.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetMaxReceiveMessageSize(kReceivedBytesMax);
  arguments.SetSslTargetNameOverride(kTlsServerName);
  return arguments;
}

StreamEnd describe(const grpc::Status& status) {
  if (status.ok()) return {"the peer ended the stream"};
  return {escape_log_line(status.error_message().substr(0, kReasonBytesMax)),
          status.error_code() == grpc::StatusCode::ABORTED &&
              status.error_message().starts_with(kReplacedCode)};
}

class Stream final : public DialledStream,
                     public grpc::ClientBidiReactor<grpc::ByteBuffer, v1::PeerCredit> {
 public:
  Stream(const DialOptions& options, StreamEvents& events)
      : lane_{options.lane},
        events_{events},
        stub_{grpc::CreateCustomChannel(options.address, options.credentials,
                                        channel_arguments(options))} {
    context_.AddMetadata(kChainMetadataKey, base::to_text(options.chain.view()));
  }

  void keep_alive(std::shared_ptr<Stream> self) {
    const std::scoped_lock lock{mutex_};
    self_ = std::move(self);
  }

  void start() override {
    stub_.PrepareBidiStreamingCall(&context_, method_path(lane_), {}, this);
    AddHold();  // until OnReadDone, so that a write may be reserved on any thread
    StartRead(&credit_);
    StartCall();
  }

  void reserve_write() override { AddHold(); }

  void write(std::vector<Message> frame) override {
    frame_ = encode_frame(frame);
    StartWrite(&frame_);
    RemoveHold();
  }

  void cancel() override { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      // A credit that does not decode ends the reading, not the call: a peer could hold it open.
      context_.TryCancel();
      events_.on_ending();
      RemoveHold();
      return;
    }
    events_.on_credit(credit_.bytes());
    StartRead(&credit_);
  }

  // A failed write means that the stream ends: OnReadDone says so too.
  void OnWriteDone(bool ok) override {
    if (ok) events_.on_written();
  }

  void OnDone(const grpc::Status& status) override {
    const StreamEnd end = describe(status);
    std::shared_ptr<Stream> self;
    {
      const std::scoped_lock lock{mutex_};
      self = std::move(self_);
    }
    StreamEvents& events = events_;
    self.reset();  // the last owner, as a rule: *this is gone from here on
    events.on_closed(end);
  }

 private:
  const Lane lane_;
  StreamEvents& events_;
  grpc::TemplatedGenericStub<grpc::ByteBuffer, v1::PeerCredit> stub_;
  grpc::ClientContext context_;
  v1::PeerCredit credit_;
  grpc::ByteBuffer frame_;
  std::mutex mutex_;
  std::shared_ptr<Stream> self_;  // guarded by mutex_; until OnDone
};

}  // namespace

std::shared_ptr<DialledStream> DialledStream::create(const DialOptions& options,
                                                     StreamEvents& events) {
  auto stream = std::make_shared<Stream>(options, events);
  stream->keep_alive(stream);
  return stream;
}

}  // namespace peerpay::net
