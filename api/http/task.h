#pragma once
// Task<T>: what a coroutine of the gateway returns. It runs on the gateway's one loop; nothing that
// it touches needs a lock.

#include <boost/asio/awaitable.hpp>
#include <exception>

namespace peerpay::http {

template <class T>
using Task = boost::asio::awaitable<T>;

// How a task ends that nobody waits for: what our own code throws is our bug, and must end the loop
// instead of leaving it without the task.
inline void rethrow(const std::exception_ptr& exception) {
  if (exception) std::rethrow_exception(exception);
}

}  // namespace peerpay::http
