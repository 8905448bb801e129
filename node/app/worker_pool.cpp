#include "node/app/worker_pool.h"

#include <utility>

#include "base/os/process.h"

namespace peerpay::app {

WorkerPool::WorkerPool(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::post(Urgency urgency, Job job) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    queues_[static_cast<std::size_t>(urgency)].push_back(std::move(job));
  }
  wake_.notify_one();
}

WorkerPool::Job WorkerPool::take() {
  std::unique_lock lock{mutex_};
  for (;;) {
    if (stopping_) return {};
    if (auto* queue = next_queue()) {
      Job job = std::move(queue->front());
      queue->pop_front();
      return job;
    }
    wake_.wait(lock);
  }
}

std::deque<WorkerPool::Job>* WorkerPool::next_queue() {
  const auto other = turn_ == Urgency::kServe ? Urgency::kTransaction : Urgency::kServe;
  for (const auto urgency : {Urgency::kVote, Urgency::kBlock, turn_, other}) {
    auto& queue = queues_[static_cast<std::size_t>(urgency)];
    if (queue.empty()) continue;
    if (urgency == turn_) turn_ = other;
    return &queue;
  }
  return nullptr;
}

void WorkerPool::run() {
  os::name_this_thread("worker");
  while (const Job job = take()) job();
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    for (auto& queue : queues_) queue.clear();
  }
  wake_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace peerpay::app
