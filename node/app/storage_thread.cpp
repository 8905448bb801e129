#include "node/app/storage_thread.h"

#include <chrono>
#include <utility>

#include "base/os/clock.h"
#include "base/os/process.h"
#include "node/app/storage_failure.h"

namespace peerpay::app {
namespace {

constexpr std::size_t kCommitsWaitingMax = 64;
// How much a restart may have to replay, against how often the state is written.
constexpr base::Duration kFlushInterval = base::seconds(1);

}  // namespace

StorageThread::StorageThread(storage::Store& store, Listener listener)
    : store_{store}, listener_{std::move(listener)} {}

StorageThread::~StorageThread() { stop(); }

void StorageThread::start() {
  thread_ = std::thread{[this] { run(); }};
}

void StorageThread::store(node::BlockToStore block) {
  {
    const std::lock_guard lock{mutex_};
    if (failed_) return;
    jobs_.emplace_back(std::move(block));
  }
  work_.notify_one();
}

void StorageThread::commit(node::CommittedBlock block,
                           const std::optional<storage::SignLogMark>& mark) {
  {
    std::unique_lock lock{mutex_};
    room_.wait(lock,
               [this] { return commits_waiting_ < kCommitsWaitingMax || stopping_ || failed_; });
    if (failed_) return;
    ++commits_waiting_;
    jobs_.emplace_back(Commit{std::move(block), mark});
  }
  work_.notify_one();
}

void StorageThread::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  work_.notify_all();
  room_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::deque<StorageThread::Job> StorageThread::take() {
  std::unique_lock lock{mutex_};
  const auto ready = [this] { return stopping_ || !jobs_.empty(); };
  if (dirty_) {
    work_.wait_for(lock, std::chrono::microseconds{kFlushInterval.microseconds}, ready);
  } else {
    work_.wait(lock, ready);
  }
  commits_waiting_ = 0;
  room_.notify_all();
  return std::exchange(jobs_, {});
}

void StorageThread::run() {
  os::name_this_thread("storage");
  for (;;) {
    auto jobs = take();
    const bool finished = jobs.empty() && [this] {
      const std::lock_guard lock{mutex_};
      return stopping_;
    }();
    auto result = finished ? store_.flush_state() : storage::StorageExpected<void>{};
    for (auto& job : jobs) {
      if (result) result = execute(std::move(job));
      if (result) result = flush_if_due();
    }
    if (jobs.empty() && !finished) result = flush_if_due();
    if (!result) return fail(result.error());
    if (finished) return;
  }
}

// Who waits for room is let go first: the listener may wait for them to stop.
void StorageThread::fail(const storage::StorageError& error) {
  {
    const std::lock_guard lock{mutex_};
    failed_ = true;
    jobs_.clear();
  }
  room_.notify_all();
  listener_.failed(failure_of(error));
}

storage::StorageExpected<void> StorageThread::execute(Job job) {
  if (const auto* block = std::get_if<node::BlockToStore>(&job)) {
    auto stored = store_.put_block(block->header, block->hash, block->bytes);
    if (stored) listener_.stored(block->hash);
    return stored;
  }
  const auto& [block, mark] = std::get<Commit>(job);
  if (mark) store_.note_sign_log(*mark);
  auto committed = store_.commit({block.block, block.hash, block.outcomes, block.changes,
                                  block.certificate ? &*block.certificate : nullptr});
  if (!committed) return committed;
  dirty_ = true;
  listener_.committed(block);
  return committed;
}

storage::StorageExpected<void> StorageThread::flush_if_due() {
  const auto now_us = os::read_clock().monotonic.microseconds;
  if (!dirty_ || (now_us < flush_at_us_ && !store_.holds_much())) return {};
  flush_at_us_ = now_us + kFlushInterval.microseconds;
  dirty_ = false;
  return store_.flush_state();
}

}  // namespace peerpay::app
