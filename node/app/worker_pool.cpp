#include "node/app/worker_pool.h"

#include <utility>

#include "base/os/process.h"

namespace peerpay::app {
namespace {

template <class Job>
Job take_front(std::deque<Job>& queue) {
  Job out = std::move(queue.front());
  queue.pop_front();
  return out;
}

}  // namespace

WorkerPool::WorkerPool(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) {
    for (const auto kind : {Kind::kPrompt, Kind::kPatient})
      threads_.emplace_back([this, kind] { run(kind); });
  }
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::post(Urgency urgency, Job job) {
  if (urgency == Urgency::kTransaction) return post(net::Caller{}, std::move(job));
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    urgent_[static_cast<std::size_t>(urgency)].push_back(std::move(job));
  }
  (urgency == Urgency::kServe ? wake_patient_ : wake_prompt_).notify_one();
}

void WorkerPool::post(const net::Caller& caller, Job job) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    hosts_.of(caller.host).of(caller.connection).push_back(std::move(job));
  }
  wake_patient_.notify_one();
}

WorkerPool::Job WorkerPool::take(Kind kind) {
  std::unique_lock lock{mutex_};
  for (;;) {
    if (stopping_) return {};
    if (Job job = kind == Kind::kPrompt ? take_prompt() : take_patient()) return job;
    (kind == Kind::kPrompt ? wake_prompt_ : wake_patient_).wait(lock);
  }
}

bool WorkerPool::is_idle(Urgency urgency) const {
  if (urgency == Urgency::kTransaction) return hosts_.empty();
  return urgent_[static_cast<std::size_t>(urgency)].empty();
}

WorkerPool::Job WorkerPool::take_prompt() {
  for (const auto urgency : {Urgency::kVote, Urgency::kBlock}) {
    if (!is_idle(urgency)) return take_of(urgency);
  }
  return {};
}

WorkerPool::Job WorkerPool::take_patient() {
  const auto other = turn_ == Urgency::kServe ? Urgency::kTransaction : Urgency::kServe;
  for (const auto urgency : {turn_, other}) {
    if (is_idle(urgency)) continue;
    if (urgency == turn_) turn_ = other;
    return take_of(urgency);
  }
  return {};
}

WorkerPool::Job WorkerPool::take_of(Urgency urgency) {
  if (urgency != Urgency::kTransaction) {
    return take_front(urgent_[static_cast<std::size_t>(urgency)]);
  }
  return hosts_.take_next([](Host& host) { return host.take_next(take_front<Job>); });
}

void WorkerPool::run(Kind kind) {
  os::name_this_thread(kind == Kind::kPrompt ? "worker-prompt" : "worker-patient");
  if (kind == Kind::kPatient) os::lower_this_threads_priority();
  while (const Job job = take(kind)) job();
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    for (auto& queue : urgent_) queue.clear();
    hosts_ = {};
  }
  wake_prompt_.notify_all();
  wake_patient_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace peerpay::app
