#include "node/net/submit_stream.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "node/net/service_context.h"
#include "peerpay/v1/node.pb.h"
#include "proto/client/convert.h"

namespace peerpay::net {
namespace {

// Groups in the backend at a time: while they are there, what arrives is collected into the next. So a busy stream is
// handed over in large groups, and a quiet one at once.
constexpr std::size_t kGroupsInBackendMax = 2;

using Base = grpc::ServerBidiReactor<v1::SubmitStreamRequest, v1::SubmitStreamResponse>;

// What the stream knows. Held by the backend's callbacks too, which may come when the call is over.
class SubmitStream final : public std::enable_shared_from_this<SubmitStream> {
 public:
  SubmitStream(ServiceContext& context, Base& reactor) : context_{context}, reactor_{&reactor} {}

  void start() { act(); }
  void read(bool ok);
  void written(bool ok);
  void cancel();
  void refuse(const grpc::Status& status);
  void over();  // the reactor goes away

  v1::SubmitStreamRequest request;    // gRPC's while reading_
  v1::SubmitStreamResponse response;  // gRPC's while writing_

 private:
  struct Waiter {
    std::size_t unsettled = 0;
    Waiting waiting;
  };
  struct Group {
    std::uint64_t number = 0;
    std::vector<std::uint64_t> positions;
    std::vector<proto::Submission> submissions;
  };
  // What to do next, decided under the lock and done outside of it, as gRPC may call back at once.
  struct Actions {
    bool read = false;
    bool write = false;
    std::optional<grpc::Status> finish;
    std::optional<Group> group;
    Base* reactor = nullptr;
  };
  void act();
  [[nodiscard]] Actions decide();
  [[nodiscard]] std::optional<Group> next_group();
  void hand_over(Group group);
  void answered(const Group& group, const Answer<std::vector<proto::TransactionStatus>>& answer);
  void follow(std::uint64_t group, std::vector<std::pair<std::uint64_t, ledger::TransactionId>> admitted);
  void settled(std::uint64_t group, std::uint64_t position, const proto::TransactionStatus& status);

  ServiceContext& context_;
  std::mutex mutex_;
  // All guarded by mutex_.
  Base* reactor_;  // null once finished
  bool reading_ = false;
  bool writing_ = false;
  bool input_ended_ = false;
  bool cancelled_ = false;
  std::optional<grpc::Status> failure_;
  std::uint64_t position_next_ = 0;
  std::uint64_t group_next_ = 0;
  std::size_t groups_in_backend_ = 0;
  std::size_t unanswered_ = 0;
  std::size_t unsettled_ = 0;
  std::deque<std::pair<std::uint64_t, proto::Submission>> collected_;
  std::vector<proto::StreamedStatus> answers_;
  std::map<std::uint64_t, Waiter> waiters_;
};

void SubmitStream::act() {
  auto actions = decide();
  if (actions.group) hand_over(std::move(*actions.group));
  if (actions.reactor == nullptr) return;
  if (actions.read) actions.reactor->StartRead(&request);
  if (actions.write) actions.reactor->StartWrite(&response);
  if (actions.finish) actions.reactor->Finish(*actions.finish);
}

SubmitStream::Actions SubmitStream::decide() {
  const std::lock_guard lock{mutex_};
  Actions out;
  out.reactor = reactor_;
  if (reactor_ == nullptr) return out;
  const bool ending = cancelled_ || failure_.has_value();
  if (!ending) out.group = next_group();
  const bool room = unanswered_ < context_.limits.unanswered_max && unsettled_ < context_.limits.unsettled_max;
  if (!ending && !input_ended_ && !reading_ && room) out.read = reading_ = true;
  if (!ending && !writing_ && !answers_.empty()) {
    response.Clear();
    const auto count = std::min(answers_.size(), proto::kStreamedStatusesMax);
    proto::to_pb({answers_.begin(), answers_.begin() + static_cast<std::ptrdiff_t>(count)}, response);
    answers_.erase(answers_.begin(), answers_.begin() + static_cast<std::ptrdiff_t>(count));
    out.write = writing_ = true;
  }
  const bool idle = !writing_ && (!reading_ || failure_.has_value());
  const bool complete = input_ended_ && unanswered_ == 0 && unsettled_ == 0 && answers_.empty();
  if (idle && (ending || complete)) {
    out.finish = failure_ ? *failure_ : cancelled_ ? grpc::Status::CANCELLED : grpc::Status::OK;
    reactor_ = nullptr;
  }
  return out;
}

std::optional<SubmitStream::Group> SubmitStream::next_group() {
  if (collected_.empty() || groups_in_backend_ >= kGroupsInBackendMax) return std::nullopt;
  Group out;
  out.number = group_next_++;
  const auto count = std::min(collected_.size(), context_.limits.group_submissions_max);
  for (std::size_t i = 0; i < count; ++i) {
    out.positions.push_back(collected_.front().first);
    out.submissions.push_back(std::move(collected_.front().second));
    collected_.pop_front();
  }
  ++groups_in_backend_;
  return out;
}

void SubmitStream::hand_over(Group group) {
  context_.submissions += group.submissions.size();
  ++context_.submission_groups;
  auto submissions = std::move(group.submissions);
  context_.backend.submit(std::move(submissions), [self = shared_from_this(), group = std::move(group)](
                                                      const Answer<std::vector<proto::TransactionStatus>>& answer) {
    self->answered(group, answer);
    self->act();
  });
}

void SubmitStream::answered(const Group& group, const Answer<std::vector<proto::TransactionStatus>>& answer) {
  std::vector<std::pair<std::uint64_t, ledger::TransactionId>> admitted;
  {
    const std::lock_guard lock{mutex_};
    --groups_in_backend_;
    unanswered_ -= group.positions.size();
    for (std::size_t i = 0; i < group.positions.size(); ++i) {
      proto::TransactionStatus status;
      if (answer) {
        status = (*answer)[i];
      } else {
        status.state = proto::TransactionState::kRejected;
        status.code = answer.error().code;
        status.message = answer.error().sentence;
        status.retry = proto::Retry::kSameBytes;
      }
      if (status.state == proto::TransactionState::kPending) admitted.emplace_back(group.positions[i], status.id);
      answers_.push_back({group.positions[i], std::move(status)});
    }
    unsettled_ += admitted.size();
    if (reactor_ == nullptr || cancelled_) return;
    if (!admitted.empty()) waiters_[group.number].unsettled = admitted.size();
  }
  if (!admitted.empty()) follow(group.number, std::move(admitted));
}

void SubmitStream::follow(std::uint64_t group, std::vector<std::pair<std::uint64_t, ledger::TransactionId>> admitted) {
  std::vector<proto::TransactionQuery> queries;
  std::multimap<ledger::TransactionId, std::uint64_t> positions;
  for (const auto& [position, id] : admitted) {
    // The same transaction twice in a group settles once for each query.
    queries.push_back({id, std::nullopt, 0});
    positions.emplace(id, position);
  }
  struct Left {
    std::mutex mutex;
    std::multimap<ledger::TransactionId, std::uint64_t> positions;  // guarded by mutex
  };
  auto left = std::make_shared<Left>();
  left->positions = std::move(positions);
  auto waiting = context_.backend.follow(
      std::move(queries), [self = shared_from_this(), group, left](const proto::TransactionStatus& status) {
        std::uint64_t position = 0;
        {
          const std::lock_guard lock{left->mutex};
          const auto found = left->positions.find(status.id);
          if (found == left->positions.end()) return;
          position = found->second;
          left->positions.erase(found);
        }
        self->settled(group, position, status);
        self->act();
      });
  const std::lock_guard lock{mutex_};
  const auto found = waiters_.find(group);
  if (found != waiters_.end()) found->second.waiting = std::move(waiting);
}

void SubmitStream::settled(std::uint64_t group, std::uint64_t position, const proto::TransactionStatus& status) {
  Waiting done;  // let go outside the lock
  const std::lock_guard lock{mutex_};
  const auto found = waiters_.find(group);
  if (found == waiters_.end()) return;
  --unsettled_;
  answers_.push_back({position, status});
  if (--found->second.unsettled > 0) return;
  done = std::move(found->second.waiting);
  waiters_.erase(found);
}

void SubmitStream::read(bool ok) {
  {
    const std::lock_guard lock{mutex_};
    reading_ = false;
    input_ended_ |= !ok;
    if (ok) {
      auto submissions = proto::from_pb(request);
      if (submissions) {
        unanswered_ += submissions->size();
        for (auto& submission : *submissions) collected_.emplace_back(position_next_++, std::move(submission));
      } else {
        failure_ = context_.malformed(submissions.error());
      }
    }
  }
  act();
}

void SubmitStream::written(bool ok) {
  {
    const std::lock_guard lock{mutex_};
    writing_ = false;
    cancelled_ |= !ok;
  }
  act();
}

void SubmitStream::refuse(const grpc::Status& status) {
  {
    const std::lock_guard lock{mutex_};
    failure_ = status;
  }
  act();
}

void SubmitStream::cancel() {
  std::map<std::uint64_t, Waiter> waiters;  // let go outside the lock
  {
    const std::lock_guard lock{mutex_};
    cancelled_ = true;
    waiters.swap(waiters_);
    collected_.clear();
  }
  act();
}

void SubmitStream::over() {
  std::map<std::uint64_t, Waiter> waiters;  // let go outside the lock
  const std::lock_guard lock{mutex_};
  waiters.swap(waiters_);
}

class Reactor final : public Base {
 public:
  explicit Reactor(ServiceContext& context)
      : count_{context}, stream_{std::make_shared<SubmitStream>(context, *this)} {}
  void start() {
    if (count_.refused()) {
      stream_->refuse(busy());
    } else {
      stream_->start();
    }
  }

 private:
  void OnReadDone(bool ok) override { keep()->read(ok); }
  void OnWriteDone(bool ok) override { keep()->written(ok); }
  void OnCancel() override { keep()->cancel(); }
  void OnDone() override {
    stream_->over();
    delete this;
  }
  [[nodiscard]] std::shared_ptr<SubmitStream> keep() const { return stream_; }

  CallCount count_;
  std::shared_ptr<SubmitStream> stream_;
};

}  // namespace

grpc::ServerBidiReactor<v1::SubmitStreamRequest, v1::SubmitStreamResponse>* submit_stream(ServiceContext& context) {
  auto* reactor = new Reactor{context};  // NOLINT: deletes itself in OnDone
  reactor->start();
  return reactor;
}

}  // namespace peerpay::net
