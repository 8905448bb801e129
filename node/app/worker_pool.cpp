#include "node/app/worker_pool.h"

#include <utility>

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
    for (auto& queue : queues_) {
      if (queue.empty()) continue;
      Job job = std::move(queue.front());
      queue.pop_front();
      return job;
    }
    wake_.wait(lock);
  }
}

void WorkerPool::run() {
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
