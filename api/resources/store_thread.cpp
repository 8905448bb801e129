#include "api/resources/store_thread.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace peerpay::api {

struct StoreThread::Thread {
  boost::asio::thread_pool pool{1};
};

StoreThread::StoreThread() : thread_{std::make_unique<Thread>()} {}
StoreThread::~StoreThread() { thread_->pool.join(); }

http::Task<void> StoreThread::perform(std::function<void()> work) {
  co_await boost::asio::co_spawn(
      thread_->pool,
      [](std::function<void()> task) -> http::Task<void> {
        task();
        co_return;
      }(std::move(work)),
      boost::asio::use_awaitable);
}

}  // namespace peerpay::api
