#include "node/net/submit_stream_call.h"

#include <grpcpp/alarm.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "node/net/alarm_deadline.h"
#include "node/net/call_status.h"
#include "node/net/unread_watch.h"
#include "peerpay/v1/node.grpc.pb.h"
#include "proto/client/convert.h"

namespace peerpay::net {
namespace {

// The bytes of `buffer`, which is emptied, as a message; false when they are none.
template <class Message>
bool parse(grpc::ByteBuffer& buffer, Message& message) {
  return grpc::SerializationTraits<Message>::Deserialize(&buffer, &message).ok();
}

// gRPC's side of a SubmitSession. Takes messages as bytes: gRPC itself would end a stream with a
// message that it can't parse as if the client had said that it is done. They also stay bytes,
// which count against gRPC's own quota, until there is room for what is in them.
class SubmitStreamCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                               public SubmitOutput {
 public:
  SubmitStreamCall(grpc::ServerContextBase& context, CallTokens tokens,
                   const SubmitStreams& streams, Submitter submitter)
      : context_{context},
        streams_{streams},
        watch_{streams.limits.answers_unread_max},
        session_{std::make_shared<SubmitSession>(
            SubmitLimits{.unanswered_max = streams.limits.unanswered_max,
                         .unanswered_bytes_max = streams.limits.unanswered_bytes_max,
                         .unsettled_max = streams.limits.unsettled_max,
                         .group_submissions_max = streams.limits.group_submissions_max},
            streams.backend, *this, std::move(submitter), std::move(tokens))} {
    ++streams_.open;
    session_->start();
  }
  ~SubmitStreamCall() override { --streams_.open; }
  SubmitStreamCall(const SubmitStreamCall&) = delete;
  SubmitStreamCall& operator=(const SubmitStreamCall&) = delete;

  void start_read() override { StartRead(&request_); }
  void start_pause(std::size_t refused) override {
    set_alarm(std::min<std::chrono::microseconds>(
                  kPausePerRefusal * static_cast<std::int64_t>(refused * streams_.open), kPauseMax),
              [this] { session_->on_pause_end(); });
  }
  void start_write(std::vector<proto::StreamedStatus> statuses) override {
    v1::SubmitStreamResponse response;
    proto::to_pb(statuses, response);
    response_.Clear();
    bool is_own = false;
    const auto written = grpc::SerializationTraits<v1::SubmitStreamResponse>::Serialize(
        response, &response_, &is_own);
    PEERPAY_CHECK(written.ok(), "an answer is below the 2 GiB of a message");
    watch_.begin(context_.c_call());
    StartWrite(&response_);
  }
  void finish() override { end(grpc::Status::OK); }

  void OnReadDone(bool ok) override {
    if (!ok) return session_->on_read_end();
    take_in();
  }
  void OnWriteDone(bool ok) override {
    watch_.taken();
    if (!ok) return abort(grpc::Status::CANCELLED);
    session_->on_written();
  }
  void OnCancel() override { abort(grpc::Status::CANCELLED); }
  void OnDone() override {
    session_->close();
    watch_.stop();
    let_go();
  }

 private:
  static constexpr std::string_view kNoRequest = "The message is no SubmitStreamRequest.";
  // All streams together are refused a thousand payments a second, which hardly costs anything.
  static constexpr std::chrono::milliseconds kPausePerRefusal{1};
  static constexpr std::chrono::milliseconds kPauseMax{1'000};

  // A message has arrived: parses it, now or when there is room.
  void take_in() {
    auto share = streams_.budget.try_take(request_.Length());
    if (!share) {
      if (!cost_waiting_ && !weigh()) return;
      share = streams_.budget.try_take_part(*cost_waiting_, session_->bytes_held(), streams_.open);
    }
    if (!share) return take_in_later();
    cost_waiting_.reset();
    v1::SubmitStreamRequest request;
    if (!parse(request_, request)) return refuse(kNoRequest);
    auto submissions = proto::from_pb(request);
    if (!submissions) return refuse(submissions.error());
    session_->on_read(*std::move(submissions), *std::move(share));
  }
  // What request_ will hold of the budget. What is malformed waits for nothing: it is refused, and
  // this false.
  bool weigh() {
    auto bytes = request_;
    v1::SubmitStreamRequest request;
    if (!parse(bytes, request)) {
      refuse(kNoRequest);
      return false;
    }
    const auto submissions = proto::from_pb(request);
    if (!submissions) {
      refuse(submissions.error());
      return false;
    }
    cost_waiting_ = SubmitSession::cost_of(submissions->size(), request_.Length());
    return true;
  }
  void take_in_later() {
    set_alarm(pause_before_room(streams_.open), [this] {
      if (!ended_) take_in();
    });
  }
  template <class Action>
  void set_alarm(std::chrono::microseconds time, Action action) {
    ++holders_;
    alarm_.emplace();  // an alarm can't be set again by its own callback
    alarm_->Set(deadline_in(time), [this, action](bool) {
      action();
      let_go();
    });
  }
  void refuse(std::string_view sentence) {
    streams_.calls_malformed.fetch_add(1, std::memory_order_relaxed);
    abort(malformed(sentence));
  }

  // After close() the session starts nothing more, so nothing follows Finish.
  void abort(const grpc::Status& status) {
    session_->close();
    end(status);
  }
  void end(const grpc::Status& status) {
    if (!ended_.exchange(true)) Finish(status);
  }
  void let_go() {
    if (--holders_ == 0) delete this;
  }

  grpc::ServerContextBase& context_;  // until OnDone
  const SubmitStreams streams_;
  UnreadWatch watch_;
  grpc::ByteBuffer request_;
  std::optional<std::size_t> cost_waiting_;  // of request_, once it had to wait
  grpc::ByteBuffer response_;
  std::atomic<bool> ended_ = false;
  std::atomic<int> holders_ = 1;      // gRPC, and an alarm that is set
  std::optional<grpc::Alarm> alarm_;  // before the next read, or before what was read is taken in
  std::shared_ptr<SubmitSession> session_;
};

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* take_submit_stream(
    grpc::ServerContextBase& context, CallTokens tokens, const SubmitStreams& streams,
    Submitter submitter) {
  return new SubmitStreamCall{context, std::move(tokens), streams, std::move(submitter)};
}

}  // namespace peerpay::net
