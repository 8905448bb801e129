#pragma once
// LiveCalls: how many calls a service bears, and when it may go. Thread-safe.
//
// A call takes part of the node's memory longer than it lives: what it asked may wait in the node's
// queues when the client has gone. So it has two tokens, and the bound counts the longer-lived one:
// or a client that opens and cancels calls could fill the queues, however few calls live.

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

namespace peerpay::net {

struct CallTokens {
  std::shared_ptr<void> alive;  // until nothing of the call can reach the backend any more
  std::shared_ptr<void> place;  // until the node has also let go of all that the call asked
};

class LiveCalls {
 public:
  explicit LiveCalls(std::size_t max) : state_{std::make_shared<State>()}, max_{max} {}

  // Empty while `max` places are taken. The tokens may outlive this object.
  [[nodiscard]] std::optional<CallTokens> enter();
  // Places that are taken.
  [[nodiscard]] std::size_t count() const;
  // Until no call is alive.
  void wait_until_none();

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable none;
    std::size_t alive = 0;   // guarded by mutex
    std::size_t places = 0;  // guarded by mutex
  };
  const std::shared_ptr<State> state_;
  const std::size_t max_;
};

}  // namespace peerpay::net
