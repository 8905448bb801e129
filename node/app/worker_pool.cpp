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

template <class Hosts>
auto take_of(Hosts& hosts) {
  return hosts.take_next(
      [](auto& host) { return host.take_next([](auto& queue) { return take_front(queue); }); });
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
  const bool serves = urgency == Urgency::kServe;
  auto& queue = serves ? serves_ : urgency == Urgency::kBlock ? blocks_ : statements_;
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    queue.push_back(std::move(job));
  }
  (serves ? wake_patient_ : wake_prompt_).notify_one();
}

void WorkerPool::post(const net::Caller& caller, Job job) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    hosts_.of(caller.host).of(caller.connection).push_back(std::move(job));
  }
  wake_patient_.notify_one();
}

void WorkerPool::post_payments(const net::Caller& caller, Job job) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    payments_.of(caller.host).of(caller.connection).push_back(std::move(job));
    if (holds_payments_) return;
  }
  wake_patient_.notify_one();
}

void WorkerPool::hold_payments(bool hold) {
  {
    const std::lock_guard lock{mutex_};
    holds_payments_ = hold;
  }
  if (!hold) wake_patient_.notify_all();
}

WorkerPool::Job WorkerPool::take(Kind kind) {
  const bool is_prompt = kind == Kind::kPrompt;
  std::unique_lock lock{mutex_};
  for (;;) {
    if (stopping_) return {};
    if (Job job = is_prompt ? take_prompt() : take_patient()) return job;
    (is_prompt ? wake_prompt_ : wake_patient_).wait(lock);
  }
}

WorkerPool::Job WorkerPool::take_prompt() {
  if (!statements_.empty()) return take_front(statements_);
  return blocks_.empty() ? Job{} : take_front(blocks_);
}

WorkerPool::Job WorkerPool::take_patient() {
  for (std::size_t i = 0; i < kPatientQueues; ++i) {
    const auto queue = std::exchange(patient_turn_, (patient_turn_ + 1) % kPatientQueues);
    if (Job job = take_patient(queue)) return job;
  }
  return {};
}

WorkerPool::Job WorkerPool::take_patient(std::size_t queue) {
  if (queue == 0) return serves_.empty() ? Job{} : take_front(serves_);
  if (queue == 1) return hosts_.empty() ? Job{} : take_of(hosts_);
  return payments_.empty() || holds_payments_ ? Job{} : take_of(payments_);
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
    statements_.clear();
    blocks_.clear();
    serves_.clear();
    hosts_ = {};
    payments_ = {};
  }
  wake_prompt_.notify_all();
  wake_patient_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace peerpay::app
