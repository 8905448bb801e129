#pragma once
// UnaryCall: one question with one answer, which may come on any thread, at once, late, or after the caller has gone.

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "node/net/service_context.h"

namespace peerpay::net {

// Held by everyone who may answer. The first to finish it does; later ones do nothing.
template <class Response>
class PendingAnswer {
 public:
  PendingAnswer(grpc::ServerUnaryReactor& reactor, Response& response) : reactor_{&reactor}, response_{response} {}

  void fail(const grpc::Status& status) {
    finish([&status](Response&) { return status; });
  }
  template <class Value, class Fill>
  void answer(const Answer<Value>& value, Fill&& fill) {
    finish([&](Response& response) {
      if (!value) return status_of(value.error());
      fill(*value, response);
      return grpc::Status::OK;
    });
  }
  // `fill` writes the response and says how the call ends.
  template <class Fill>
  void finish(Fill&& fill) {
    grpc::ServerUnaryReactor* reactor = nullptr;
    // Let go outside the lock: who waits may call back.
    Waiting waiting;
    std::unique_ptr<grpc::Alarm> alarm;
    {
      const std::lock_guard lock{mutex_};
      reactor = std::exchange(reactor_, nullptr);
      waiting.swap(waiting_);
      alarm.swap(alarm_);
    }
    if (reactor == nullptr) return;
    const grpc::Status status = fill(response_);
    reactor->Finish(status);
  }

  [[nodiscard]] bool is_over() {
    const std::lock_guard lock{mutex_};
    return reactor_ == nullptr;
  }

  // What must be let go when the call ends, and who is asked when nothing has come for a while.
  void hold(Waiting waiting) {
    const std::lock_guard lock{mutex_};
    if (reactor_ != nullptr) waiting_ = std::move(waiting);
  }
  void on_timeout(std::chrono::milliseconds timeout, std::function<void()> then) {
    const std::lock_guard lock{mutex_};
    if (reactor_ == nullptr) return;
    alarm_ = std::make_unique<grpc::Alarm>();
    alarm_->Set(std::chrono::system_clock::now() + timeout, [then = std::move(then)](bool in_time) {
      if (in_time) then();
    });
  }

 private:
  std::mutex mutex_;
  grpc::ServerUnaryReactor* reactor_;  // guarded by mutex_; null once finished
  Response& response_;                 // gRPC's; valid until the reactor is finished
  Waiting waiting_;                    // guarded by mutex_
  std::unique_ptr<grpc::Alarm> alarm_;  // guarded by mutex_
};

template <class Response>
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  using Pending = std::shared_ptr<PendingAnswer<Response>>;

  // `ask` is given the pending answer and starts the question.
  template <class Ask>
  static grpc::ServerUnaryReactor* start(ServiceContext& context, Response& response, Ask&& ask) {
    auto* call = new UnaryCall{context, response};  // NOLINT: deletes itself in OnDone
    const Pending pending = call->pending_;
    if (call->count_.refused()) {
      pending->fail(busy());
    } else {
      ask(pending);
    }
    return call;
  }

 private:
  UnaryCall(ServiceContext& context, Response& response)
      : count_{context}, pending_{std::make_shared<PendingAnswer<Response>>(*this, response)} {}
  void OnCancel() override {
    const Pending pending = pending_;
    pending->fail(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

  CallCount count_;
  Pending pending_;
};

}  // namespace peerpay::net
