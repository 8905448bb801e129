#pragma once
// StoreThread: where changes of the store are made, one after the other, so that a sync of the disk
// never stops the loop.

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "api/http/task.h"

namespace peerpay::api {

class StoreThread {
 public:
  StoreThread();
  // Waits for what was asked for.
  ~StoreThread();
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

  // Runs `work` there and gives its result; the coroutine goes on where it was.
  template <class Work>
  [[nodiscard]] http::Task<std::invoke_result_t<Work>> run(Work work) {
    std::optional<std::invoke_result_t<Work>> result;
    co_await perform([&] { result.emplace(work()); });
    co_return *std::move(result);
  }

 private:
  [[nodiscard]] http::Task<void> perform(std::function<void()> work);

  struct Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace peerpay::api
