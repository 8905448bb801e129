#include "node/net/unread_watch.h"

#include <grpc/grpc.h>
#include <grpcpp/alarm.h>

#include <mutex>
#include <optional>

#include "node/net/alarm_deadline.h"

namespace peerpay::net {
namespace {

using Clock = std::chrono::steady_clock;

// Finish would wait behind the answers that nobody reads; this tells the client at once, and the
// call's OnCancel follows.
void cut(grpc_call* call) {
  constexpr const char* kText = "answers_unread: The client has not read its answers for too long.";
  grpc_call_cancel_with_status(call, GRPC_STATUS_RESOURCE_EXHAUSTED, kText, nullptr);
}

}  // namespace

struct UnreadWatch::State : std::enable_shared_from_this<State> {
  explicit State(std::chrono::milliseconds max) : unread_max{max} {}

  void set_locked() {
    is_set = true;
    alarm.emplace();  // an alarm can't be set again by its own callback
    alarm->Set(deadline_in(*due - Clock::now()),
               [self = shared_from_this()](bool) { self->look(); });
  }

  void look() {
    grpc_call* late = nullptr;
    {
      const std::scoped_lock lock{mutex};
      is_set = false;
      if (is_stopped || !due) return;
      if (*due > Clock::now()) return set_locked();
      late = call;
      grpc_call_ref(late);
    }
    cut(late);
    grpc_call_unref(late);
  }

  const std::chrono::milliseconds unread_max;
  std::mutex mutex;
  // Guarded by mutex, all below:
  grpc_call* call = nullptr;
  std::optional<Clock::time_point> due;  // of the answer in progress
  std::optional<grpc::Alarm> alarm;
  bool is_set = false;
  bool is_stopped = false;
};

UnreadWatch::UnreadWatch(std::chrono::milliseconds unread_max)
    : state_{std::make_shared<State>(unread_max)} {}

UnreadWatch::~UnreadWatch() { stop(); }

void UnreadWatch::begin(grpc_call* call) {
  const std::scoped_lock lock{state_->mutex};
  if (state_->is_stopped) return;
  state_->call = call;
  state_->due = Clock::now() + state_->unread_max;
  if (!state_->is_set) state_->set_locked();
}

void UnreadWatch::taken() {
  const std::scoped_lock lock{state_->mutex};
  state_->due.reset();
}

void UnreadWatch::stop() {
  const std::scoped_lock lock{state_->mutex};
  state_->is_stopped = true;
  state_->due.reset();
  if (state_->alarm) state_->alarm->Cancel();
}

}  // namespace peerpay::net
