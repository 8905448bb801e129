#pragma once
// Task<T>: what a coroutine of the gateway returns. It runs on the gateway's one loop; nothing that
// it touches needs a lock.

#include <boost/asio/awaitable.hpp>

namespace peerpay::http {

template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace peerpay::http
