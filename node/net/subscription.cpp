#include "node/net/subscription.h"

#include <memory>
#include <mutex>
#include <utility>

#include "node/net/service_context.h"
#include "peerpay/v1/node.pb.h"
#include "proto/client/convert.h"

namespace peerpay::net {
namespace {

class Subscription final : public grpc::ServerWriteReactor<v1::SubscribeResponse> {
 public:
  explicit Subscription(ServiceContext& context) : context_{context}, count_{context}, link_{std::make_shared<Link>()} {
    link_->subscription = this;
  }

  void start(ledger::Height from) {
    if (count_.refused()) return with(link_, [](Subscription& self) { self.end(busy()); });
    if (from.value > 0) return with(link_, [from](Subscription& self) { self.pull(from); });
    context_.backend.head([link = link_](const Answer<proto::Head>& head) {
      with(link, [&head](Subscription& self) {
        if (!head) return self.end(status_of(head.error()));
        self.pull(head->height.next());
      });
    });
  }

 private:
  // Outlives the subscription in callbacks that come late.
  struct Link {
    std::mutex mutex;
    Subscription* subscription = nullptr;  // guarded by mutex; null once ended, or while a write is out
  };

  // Runs `act` unless the call has ended; the link is taken, so nobody else acts meanwhile.
  template <class Act>
  static void with(const std::shared_ptr<Link>& link, Act&& act) {
    Subscription* self = nullptr;
    {
      const std::lock_guard lock{link->mutex};
      self = std::exchange(link->subscription, nullptr);
    }
    if (self != nullptr) act(*self);
  }

  // REQUIRES: the link is taken.
  void pull(ledger::Height height) {
    bool cancelled = false;
    {
      const std::lock_guard lock{link_->mutex};
      height_ = height;
      link_->subscription = this;
      cancelled = cancelled_;
    }
    if (cancelled) {
      return with(link_, [](Subscription& self) { self.end(grpc::Status::CANCELLED); });
    }
    const auto link = link_;  // `this` may be gone when await_block returns
    auto waiting = context_.backend.await_block(height, [link](const Answer<proto::FinalizedBlock>& block) {
      with(link, [&block](Subscription& self) { self.write(block); });
    });
    const std::lock_guard lock{link->mutex};
    // Meanwhile the block may have been written, and the next one be waited for.
    Subscription* self = link->subscription;
    if (self != nullptr && self->height_ == height) self->waiting_ = std::move(waiting);
  }

  void write(const Answer<proto::FinalizedBlock>& block) {
    if (!block) return end(status_of(block.error()));
    response_.Clear();
    proto::to_pb(*block, *response_.mutable_block());
    written_ = block->height;
    ++context_.blocks_sent;
    StartWrite(&response_);
  }

  void end(const grpc::Status& status) { Finish(status); }

  void OnWriteDone(bool ok) override {
    if (!ok) return end(grpc::Status::CANCELLED);
    pull(written_.next());
  }

  void OnCancel() override {
    {
      const std::lock_guard lock{link_->mutex};
      cancelled_ = true;
    }
    with(link_, [](Subscription& self) { self.end(grpc::Status::CANCELLED); });
  }

  void OnDone() override { delete this; }

  ServiceContext& context_;
  CallCount count_;
  std::shared_ptr<Link> link_;
  bool cancelled_ = false;  // guarded by link_->mutex
  ledger::Height height_;    // guarded by link_->mutex
  Waiting waiting_;          // guarded by link_->mutex
  ledger::Height written_;   // with the link taken
  v1::SubscribeResponse response_;
};

}  // namespace

grpc::ServerWriteReactor<v1::SubscribeResponse>* subscribe(ServiceContext& context,
                                                           const v1::SubscribeRequest& request) {
  auto* subscription = new Subscription{context};  // NOLINT: deletes itself in OnDone
  subscription->start({request.from_height()});
  return subscription;
}

}  // namespace peerpay::net
