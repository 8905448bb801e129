#pragma once
// LiveCalls: how many calls a service bears, and when it may go. Thread-safe.
//
// A call takes part of the node's memory longer than it lives: what it asked may wait in the node's
// queues when the client has gone. So it has two tokens, and the bound counts the longer-lived one:
// or a client that opens and cancels calls could fill the queues, however few calls live.
//
// One host may have as many places as are free, so half of them alone and a ninth beside seven
// that want all they can get: who keeps calls open leaves as much for the next one to come
// (Choudhury and Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet Switches", 1998).

#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace peerpay::net {

struct CallTokens {
  std::shared_ptr<void> alive;  // until nothing of the call can reach the backend any more
  std::shared_ptr<void> place;  // until the node has also let go of all that the call asked
};

class LiveCalls {
 public:
  explicit LiveCalls(std::size_t max) : state_{std::make_shared<State>()}, max_{max} {}

  // Empty while the host has as many places as are free. The tokens may outlive this object.
  [[nodiscard]] std::optional<CallTokens> enter(const std::string& host);
  // Places that are taken.
  [[nodiscard]] std::size_t count() const;
  // Until no call is alive.
  void wait_until_none();

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable none;
    std::size_t alive = 0;                              // guarded by mutex
    std::size_t places = 0;                             // guarded by mutex
    std::map<std::string, std::size_t> places_by_host;  // guarded by mutex
  };
  const std::shared_ptr<State> state_;
  const std::size_t max_;
};

}  // namespace peerpay::net
